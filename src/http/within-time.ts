import type { Clock } from '../time/clock.ts';

export interface Patience {
  readonly clock: Clock;
  /** Milliseconds until the answer must be whole. */
  readonly timeoutMs: number;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal | undefined;
}

/** Runs an exchange until its time is up or its asker gives up; one that ended for that says so instead of what the abort looked like. */
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
  const giveUp = () => end('given up before the answer came');
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
