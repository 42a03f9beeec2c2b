import { textOf } from '../../text/json.ts';
import type { LoginResult } from '../adapter.ts';
import { whoami } from './authorized-requests.ts';
import type { HomeserverClient } from './client.ts';
import { troubleOf } from './trouble.ts';

/** Asks the homeserver whose token we have. */
export async function logIn(client: HomeserverClient, homeserver: string, signal: AbortSignal): Promise<LoginResult> {
  const exchange = await client.request(whoami, signal);
  if (exchange.kind !== 'ok') {
    const trouble = troubleOf(exchange, homeserver);
    return 'waitMs' in trouble
      ? { outcome: 'later', waitMs: trouble.waitMs, reason: trouble.reason }
      : { outcome: 'accountBroken', reason: trouble.reason };
  }
  const id = textOf(exchange.body.user_id);
  return id === null
    ? { outcome: 'later', waitMs: 60_000, reason: 'the homeserver did not say whose token it is' }
    : { outcome: 'ready', account: { id, device: textOf(exchange.body.device_id) } };
}
