import type { Clock } from '../time/clock.ts';

export interface Patience {
  readonly clock: Clock;
  /** Time until the answer must be complete, ms. */
  readonly timeoutMs: number;
  /** Aborted when the answer is no longer needed. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs a request with a timeout and an abort signal. A timeout or abort is reported as such, not as the network error
 * it caused.
 */
export async function withinTime<E extends { readonly kind: string }>(
  attempt: (signal: AbortSignal) => Promise<E>,
  { clock, timeoutMs, signal }: Patience,
): Promise<E> {
  const ended = new AbortController();
  let why: string | null = null;
  const end = (reason: string) => {
    why ??= reason;
    ended.abort();
  };
  const giveUp = () => end('aborted before the answer arrived');
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  const cancel = clock.after(timeoutMs, () => end(`no answer within ${timeoutMs / 1_000} s`));
  try {
    const exchange = await attempt(ended.signal);
    return exchange.kind === 'unanswered' && why !== null ? { ...exchange, text: why } : exchange;
  } finally {
    cancel();
    signal?.removeEventListener('abort', giveUp);
  }
}
