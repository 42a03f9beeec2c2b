/**
 * A Matrix homeserver that answers Lookout's requests and gives every message an event id. A room `!devices<number>` is
 * encrypted, and its members have so many devices.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerKeys, membersWith } from '../support/fake-keys.ts';
import { answer, servePlatform, takeMessage, tellUnknown } from './fake-platform.ts';

/** Returns the user of a token: each has one of its own. */
const userOf = ({ headers }: IncomingMessage) => `@${(headers.authorization ?? '').replace(/^Bearer /, '')}:localhost`;

const keyCounts = {
  device_one_time_keys_count: { signed_curve25519: 50 },
  device_unused_fallback_key_types: ['signed_curve25519'],
};

function sync(url: URL, response: ServerResponse): void {
  const since = Number(url.searchParams.get('since')?.slice(1) ?? '0');
  const holdMs = since === 0 ? 0 : Number(url.searchParams.get('timeout') ?? '0');
  const timer = setTimeout(
    () => answer(response, 200, { ...keyCounts, next_batch: `s${since + 1}`, rooms: {} }),
    holdMs,
  );
  response.on('close', () => clearTimeout(timer));
}

/** Returns the number of devices in a room; 0: it is not encrypted. */
const devicesIn = (room: string) => Number(/^!devices(\d+):/.exec(room)?.[1] ?? '0');

async function keys(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const found = answerKeys(userOf(request), path, JSON.parse(Buffer.concat(chunks).toString()));
  if (found === null) tellUnknown(request);
  answer(response, found === null ? 404 : 200, found ?? { errcode: 'M_UNRECOGNIZED', error: path });
}

function state(room: string, type: string, response: ServerResponse): void {
  const devices = devicesIn(room);
  // Made before the first message, of which they are not a part.
  membersWith(devices);
  if (type === 'm.room.encryption' && devices > 0) answer(response, 200, { algorithm: 'm.megolm.v1.aes-sha2' });
  else if (type === 'm.room.member') answer(response, 200, { membership: 'join' });
  else if (type === 'm.room.power_levels') answer(response, 200, { users_default: 100 });
  else answer(response, 404, { errcode: 'M_NOT_FOUND', error: 'no such state event' });
}

servePlatform((request, response, url) => {
  const path = url.pathname.replace(/^\/_matrix\/client\/(?:v3|r0)?/, '');
  const [, kind, room = '', part, type = ''] = path.split('/').map(decodeURIComponent);
  if (request.method === 'PUT' && part === 'send')
    return takeMessage(request, (count) => answer(response, 200, { event_id: `$${count}` }));
  if (kind === 'keys') {
    void keys(path.replace(/^\/keys\//, ''), request, response);
    return;
  }
  request.resume();
  if (kind === 'sendToDevice') return answer(response, 200, {});
  if (part === 'joined_members')
    return answer(response, 200, {
      joined: Object.fromEntries([userOf(request), ...membersWith(devicesIn(room))].map((id) => [id, {}])),
    });
  if (kind === 'account') return answer(response, 200, { user_id: userOf(request), device_id: 'BENCH' });
  if (kind === 'sync') return sync(url, response);
  if (part === 'state') return state(room, type, response);
  // The message is read before an edit.
  if (part === 'event')
    return answer(response, 200, {
      type: 'm.room.message',
      event_id: type,
      room_id: room,
      sender: userOf(request),
      origin_server_ts: Date.now(),
      content: { msgtype: 'm.notice', body: 'a message' },
    });
  if (kind === 'join' || part === 'join') return answer(response, 200, { room_id: room });
  if (kind === 'user') return answer(response, 200, { filter_id: '1' });
  tellUnknown(request);
  return answer(response, 404, { errcode: 'M_UNRECOGNIZED', error: path });
});
