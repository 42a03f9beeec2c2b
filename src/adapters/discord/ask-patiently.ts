import type { Log } from '../../log.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Call, DiscordClient } from './client.ts';
import type { Exchange } from './exchange.ts';
import { troubleOf } from './trouble.ts';

export interface AskOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Discord does not wait for this interaction any more. */
const unknownInteraction = 10_062;
/** We have answered it already. */
const alreadyAnswered = 40_060;
const tries = 5;
/** The longest wait before an answer is given up, ms. */
const longestWaitMs = 60_000;

/** Makes a request for a person who waits: repeats it while that may help, and returns its last exchange. */
export async function askPatiently(call: Call, options: AskOptions): Promise<Exchange> {
  const { client, api, clock, log, signal } = options;
  const giveUpAt = clock.monotonic() + longestWaitMs;
  for (let attempt = 1; ; ) {
    const exchange = await client.request(call, signal);
    if (exchange.kind === 'ok' || signal.aborted) return exchange;
    if (isStale(exchange) || isAnswered(exchange)) {
      log.debug({ platform: 'discord', reason: exchange.text }, 'an interaction was over before it was answered');
      return exchange;
    }
    const trouble = troubleOf(exchange, api);
    const isLate = 'waitMs' in trouble && clock.monotonic() + trouble.waitMs > giveUpAt;
    if (!('waitMs' in trouble) || attempt >= tries || isLate) {
      log.warn({ platform: 'discord', reason: trouble.reason }, `a command got no answer: ${trouble.reason}`);
      return exchange;
    }
    // A limit is waited out, however often; all else is tried again soon, since a person waits.
    const isLimited = trouble.kind === 'limited';
    const waitMs = isLimited ? Math.max(100, trouble.waitMs) : Math.min(500 * attempt, trouble.waitMs);
    if (!isLimited) attempt++;
    await sleep(clock, waitMs, signal);
  }
}

/** Returns true if Discord does not wait for an answer any more. */
export function isStale(exchange: Exchange): boolean {
  return exchange.kind === 'refused' && exchange.code === unknownInteraction;
}

function isAnswered(exchange: Exchange): boolean {
  return exchange.kind === 'refused' && exchange.code === alreadyAnswered;
}
