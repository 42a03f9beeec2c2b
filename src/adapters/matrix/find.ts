import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import type { FindRequest, FindResult } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import type { AccountEncryption } from './encryption/encryption.ts';
import { markField } from './format/mark.ts';
import { troubleOf } from './trouble.ts';

export interface FindContext {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly encryption: AccountEncryption;
  readonly user: string;
}

/** Our clock and the homeserver's may differ by this, in milliseconds; reading a little more costs little. */
const clockMarginMs = 60 * 60 * 1_000;
const pageSize = 100;
/** 5,000 messages of our own. Past that "absent" would be a guess. */
const pageLimit = 50;

/**
 * Reads a room backwards in the homeserver's own order, our own messages only, for the one that carries the key.
 * It must be our own, or of the account that sent it: a field of a message is easily copied by anyone.
 */
export async function findMessage(
  request: FindRequest,
  context: FindContext,
  signal: AbortSignal,
): Promise<FindResult> {
  const path = `/rooms/${encodeURIComponent(request.room)}/messages`;
  const author = request.author ?? context.user;
  const filter = JSON.stringify({ types: ['m.room.message', 'm.room.encrypted'], senders: [author] });
  const oldest = request.since - clockMarginMs;
  let from: string | null = null;
  let unread = 0;
  for (let page = 0; page < pageLimit; page++) {
    const query: Record<string, string> = {
      dir: 'b',
      limit: String(pageSize),
      filter,
      ...(from === null ? {} : { from }),
    };
    const exchange = await context.client.request({ method: 'GET', path, query }, signal);
    if (exchange.kind !== 'ok') {
      const trouble = troubleOf(exchange, context.homeserver);
      if (trouble.kind === 'forbidden' || trouble.kind === 'missing' || trouble.kind === 'invalid') {
        return { outcome: 'unreadable', reason: trouble.reason };
      }
      // A broken account is told by the next send; until then nothing is known about the room.
      return { outcome: 'later', waitMs: 'waitMs' in trouble ? trouble.waitMs : 60_000, reason: trouble.reason };
    }
    for (const entry of listOf(exchange.body.chunk)) {
      const event = objectOf(entry);
      if (event.sender !== author) continue;
      const platformId = textOf(event.event_id);
      const carried = platformId === null ? 'no' : await carries(event, request, context);
      if (carried === 'later')
        return { outcome: 'later', waitMs: 60_000, reason: 'encrypted messages cannot be read now' };
      if (platformId !== null && carried === 'yes') return { outcome: 'found', platformId };
      if (typeof event.origin_server_ts === 'number' && event.origin_server_ts < oldest) return absent(unread);
      if (carried === 'unread') unread++;
    }
    const end = textOf(exchange.body.end);
    if (end === null) return absent(unread);
    from = end;
  }
  return { outcome: 'unreadable', reason: `the message was not among the last ${pageLimit * pageSize} of our own` };
}

/** A message of ours that cannot be read may be the one. */
function absent(unread: number): FindResult {
  if (unread === 0) return { outcome: 'absent' };
  return {
    outcome: 'unreadable',
    reason: `${unread} encrypted messages of our own cannot be read: the device is a new one`,
  };
}

/** By our own field; or by the transaction id that the homeserver tells our device, which survives a redaction. */
async function carries(
  event: JsonObject,
  { room, key }: FindRequest,
  { encryption }: FindContext,
): Promise<'yes' | 'no' | 'unread' | 'later'> {
  if (objectOf(event.content)[markField] === key || objectOf(event.unsigned).transaction_id === key) return 'yes';
  if (event.type !== 'm.room.encrypted' || objectOf(event.content).ciphertext === undefined) return 'no';
  const reading = await encryption.read(room, event, false);
  if (reading.outcome === 'later') return 'later';
  if (reading.outcome !== 'read') return 'unread';
  return objectOf(reading.event.content)[markField] === key ? 'yes' : 'no';
}
