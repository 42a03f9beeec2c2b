import { codeTable } from './code-table.ts';
import type { Failure } from './exchange.ts';

/**
 * The meaning of a failed exchange, whatever was requested. Each operation answers to these in its own words.
 *
 * - `limited`: the account is to wait (Synapse counts messages per account over all rooms).
 * - `unreachable`: nothing was written: no connection, no name, a certificate that was refused.
 * - `notMatrix`: something that is not a homeserver answered: a wrong URL, or a proxy. `everywhere` if any request
 *   would fail so, false if the proxy may have refused this one alone.
 * - `unclear`: it may have been done.
 * - `account`: the account is of no use.
 * - `forbidden`, `missing`: the room (or the thing that was requested in it).
 * - `invalid`: the request itself; it will never do.
 */
export type Trouble =
  | { readonly kind: 'limited' | 'unreachable' | 'unclear'; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'notMatrix'; readonly everywhere: boolean; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'forbidden' | 'missing'; readonly reason: string }
  | { readonly kind: 'account' | 'invalid'; readonly reason: string };

/** Where an answer names no wait of its own, in milliseconds. */
const waits = { limited: 5_000, unreachable: 5_000, unclear: 5_000, notMatrix: 60_000, full: 5 * 60_000 } as const;

/** Reads a failed exchange. `homeserver` is named where the URL may be to blame. */
export function troubleOf(failure: Failure, homeserver: string): Trouble {
  if (failure.kind === 'unanswered') {
    return failure.written
      ? { kind: 'unclear', waitMs: waits.unclear, reason: failure.text }
      : { kind: 'unreachable', waitMs: waits.unreachable, reason: `cannot reach ${homeserver}: ${failure.text}` };
  }
  const { status, code, text } = failure;
  const reason = `${status}${code === null ? '' : ` ${code}`}${text === '' ? '' : `: ${text}`}`;
  const waitMs = (fallback: number) => failure.retryAfterMs ?? fallback;
  const { about, help } = codeTable.get(code ?? '') ?? {};
  if (about === 'account') {
    const helps = [help, failure.remedy].filter((text) => text !== undefined).join('; ');
    return { kind: 'account', reason: helps === '' ? reason : `${reason} (${helps})` };
  }
  const isFull = about === 'accountWaits' && code !== 'M_LIMIT_EXCEEDED';
  if (isFull) return { kind: 'limited', waitMs: waitMs(waits.full), reason };
  if (status === 429 || about === 'accountWaits') return { kind: 'limited', waitMs: waitMs(waits.limited), reason };
  if (status === 401) return { kind: 'account', reason };
  if (status >= 500 || status === 408) return { kind: 'unclear', waitMs: waitMs(waits.unclear), reason };
  if (code === null || about === 'server') return notMatrix(status, waitMs(waits.notMatrix), reason, homeserver);
  if (status === 403) return { kind: 'forbidden', reason };
  if (status === 404 || about === 'room') return { kind: 'missing', reason };
  return { kind: 'invalid', reason };
}

/**
 * An answer without Matrix's own code, or with "I know no such request": not the room and not the message is at fault.
 * 413 is the exception: a proxy's limit on bodies is a limit all the same.
 */
function notMatrix(status: number, waitMs: number, reason: string, homeserver: string): Trouble {
  if (status === 413) return { kind: 'invalid', reason: `${reason} (too large for a proxy before the homeserver)` };
  const everywhere = status < 400 || status === 404 || status === 405 || status === 407;
  const guess = everywhere
    ? `is ${homeserver} the URL of the homeserver itself?`
    : 'the answer is not the homeserver’s: a proxy before it?';
  return { kind: 'notMatrix', everywhere, waitMs, reason: `${reason} (${guess})` };
}
