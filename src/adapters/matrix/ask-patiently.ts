import type { JsonObject } from '../../text/json.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Call, HomeserverClient } from './client.ts';
import { troubleOf } from './trouble.ts';

export interface Patience {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Number of attempts at a request that gets no clear answer; the other server may be gone for good. */
const attemptLimit = 5;

/** Asks until the answer is clear. `stopped`: the signal was aborted before. */
export async function askPatiently(
  call: Call,
  { client, homeserver, clock, signal }: Patience,
): Promise<
  | { readonly outcome: 'done'; readonly body: JsonObject }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'stopped' }
> {
  for (let attempt = 1; !signal.aborted; ) {
    const exchange = await client.request(call, signal);
    if (signal.aborted) break;
    if (exchange.kind === 'ok') return { outcome: 'done', body: exchange.body };
    const trouble = troubleOf(exchange, homeserver);
    const final = !('waitMs' in trouble) || (trouble.kind !== 'limited' && attempt >= attemptLimit);
    if (final) return { outcome: 'refused', reason: trouble.reason };
    // A wait that the homeserver asks for (it allows one join in ten seconds) is not a failed attempt.
    if (trouble.kind !== 'limited') attempt++;
    await sleep(clock, trouble.waitMs, signal);
  }
  return { outcome: 'stopped' };
}
