import type { TargetTrouble, WaitScope } from '../adapter.ts';
import { type CodeMeaning, codeTable } from './code-table.ts';
import type { Failure, Refused } from './exchange.ts';

/**
 * The meaning of a failed exchange, whatever was requested. Each operation answers to these in its own words.
 *
 * - `limited`: certainly not done; `scope` is to wait.
 * - `unreachable`: nothing was written: no connection, no name, a certificate that was refused.
 * - `notDiscord`: something that is not Discord answered: a wrong URL, a proxy, or Cloudflare. `scope` is `account` where any
 *   request would fare so, `message` where the proxy may have disliked this one.
 * - `unclear`: it may have been done.
 * - `account`: the account is of no use.
 * - `room`: the room will not take anything. `isKnown` is false if that is a guess from the status.
 * - `message`: this request will never do. `target`: the problem with the message that it is about. `isText`: a filter refuses its text.
 */
export type Trouble =
  | {
      readonly kind: 'limited' | 'notDiscord';
      readonly scope: WaitScope;
      readonly waitMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'unreachable' | 'unclear'; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'account'; readonly reason: string }
  | { readonly kind: 'room'; readonly reason: string; readonly isKnown: boolean }
  | {
      readonly kind: 'message';
      readonly reason: string;
      readonly isText: boolean;
      readonly target: TargetTrouble | null;
    };

/** Where an answer names no wait of its own, in milliseconds. */
const waits = {
  limited: 5_000,
  changes: 60_000,
  banned: 60_000,
  disabled: 60_000,
  unreachable: 5_000,
  unclear: 5_000,
  notDiscord: 60_000,
};

/** True if a filter refuses the text of a request. */
export function isTextRefused(trouble: Trouble): boolean {
  return trouble.kind === 'message' && trouble.isText;
}

/** Reads a failed exchange. `api` is named where the URL may be to blame. */
export function troubleOf(failure: Failure, api: string): Trouble {
  switch (failure.kind) {
    case 'held':
      return { kind: 'limited', scope: failure.scope, waitMs: failure.waitMs, reason: failure.text };
    case 'unanswered':
      return failure.written
        ? { kind: 'unclear', waitMs: waits.unclear, reason: failure.text }
        : { kind: 'unreachable', waitMs: waits.unreachable, reason: `cannot reach ${api}: ${failure.text}` };
    case 'refused':
      return refused(failure, api);
    default:
      return failure satisfies never;
  }
}

function refused(failure: Refused, api: string): Trouble {
  const { status, isDiscords, code, text } = failure;
  const known = isDiscords && code !== null ? codeTable.get(code) : undefined;
  const number = `${status}${code === null || code === 0 ? '' : ` ${code}`}`;
  // Where Discord has no code, its text begins with the status.
  const said = text === '' ? number : text.startsWith(`${number}:`) ? text : `${number}: ${text}`;
  const reason = known?.help === undefined ? said : `${known.help} (${said})`;
  const waitMs = (fallback: number) => failure.retryAfterMs ?? fallback;

  if (isDiscords && status === 401) {
    const help = 'Discord does not know the token: copy a new one from the Bot page of the application';
    const { remedy } = failure;
    return { kind: 'account', reason: `${said} (${help}${remedy === undefined ? '' : `; ${remedy}`})` };
  }
  // First of all by the code: some of them come as a 429 and yet are final, or the other way round.
  if (status < 500 && known !== undefined) return byCode(known, reason, waitMs);
  if (status === 429) return limited(failure, said, waitMs);
  if (status >= 500 || status === 408) return { kind: 'unclear', waitMs: waitMs(waits.unclear), reason: said };
  if (!isDiscords || status < 400 || status === 405) return notDiscord(status, waitMs(waits.notDiscord), said, api);
  if (status === 403 || status === 404) return { kind: 'room', reason, isKnown: false };
  return { kind: 'message', reason, isText: false, target: null };
}

function byCode({ about, target }: CodeMeaning, reason: string, waitMs: (fallback: number) => number): Trouble {
  switch (about) {
    case 'account':
      return { kind: 'account', reason };
    case 'room':
    case 'sleep':
      return { kind: 'room', reason, isKnown: true };
    case 'message':
    case 'text':
    case 'change':
      return { kind: 'message', reason, isText: about === 'text', target: target ?? null };
    case 'changes':
      return { kind: 'limited', scope: 'change', waitMs: waitMs(waits.changes), reason };
    case 'roomWaits':
      return { kind: 'limited', scope: 'room', waitMs: waitMs(waits.limited), reason };
    case 'accountWaits':
      return { kind: 'limited', scope: 'account', waitMs: waitMs(waits.disabled), reason };
    default:
      return about satisfies never;
  }
}

/**
 * `user` is the bot's own bucket, which belongs to a channel; `shared` is a channel's limit for all who write there. An
 * answer that names no scope is Cloudflare's: it speaks to our address, so to every room.
 */
function limited(failure: Refused, said: string, waitMs: (fallback: number) => number): Trouble {
  switch (failure.scope) {
    case 'user':
    case 'shared':
      return { kind: 'limited', scope: 'room', waitMs: waitMs(waits.limited), reason: said };
    case 'global':
      return { kind: 'limited', scope: 'account', waitMs: waitMs(waits.limited), reason: said };
    case null:
      return {
        kind: 'limited',
        scope: 'account',
        waitMs: waitMs(waits.banned),
        reason: `${said} (a ban of our address?)`,
      };
    default:
      return failure.scope satisfies never;
  }
}

/**
 * Not in Discord's own form: not the room and not the message is at fault. 413 is the exception: a proxy's limit on bodies
 * is a limit all the same.
 */
function notDiscord(status: number, waitMs: number, said: string, api: string): Trouble {
  if (status === 413)
    return { kind: 'message', reason: `${said} (too large for a proxy before Discord)`, isText: false, target: null };
  const isEverywhere = status < 400 || status === 401 || status === 404 || status === 405 || status === 407;
  const guess = isEverywhere
    ? `is ${api} the URL of Discord’s API?`
    : 'the answer is not Discord’s: a proxy before it, or Cloudflare?';
  return { kind: 'notDiscord', scope: isEverywhere ? 'account' : 'message', waitMs, reason: `${said} (${guess})` };
}
