import type { WaitScope } from '../adapter.ts';
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
 * - `room`: the room will not take anything.
 * - `message`: this request will never do.
 */
export type Trouble =
  | {
      readonly kind: 'limited' | 'notDiscord';
      readonly scope: WaitScope;
      readonly waitMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'unreachable' | 'unclear'; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'account' | 'room' | 'message'; readonly reason: string };

/** Where an answer names no wait of its own, in milliseconds. */
const waits = {
  limited: 5_000,
  banned: 60_000,
  disabled: 60_000,
  unreachable: 5_000,
  unclear: 5_000,
  notDiscord: 60_000,
};

/** `wait` codes mean: not now. All are of https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
type FailureScope = 'account' | 'room' | 'message' | 'roomWaits' | 'accountWaits';

const codes: ReadonlyMap<number, { readonly verdict: FailureScope; readonly help?: string }> = new Map([
  // The account.
  [40002, { verdict: 'account', help: 'Discord wants the bot’s owner to verify the account' }],
  [50014, { verdict: 'account' }],
  [50178, { verdict: 'account', help: 'Discord wants the bot’s owner to verify the account' }],
  // The room.
  [10003, { verdict: 'room', help: 'there is no such channel or thread (any more)' }],
  [10004, { verdict: 'room', help: 'the server is gone, or the bot is not on it any more' }],
  [10007, { verdict: 'room', help: 'the bot is not on the server: invite it' }],
  [40007, { verdict: 'room', help: 'the bot is banned from the server' }],
  [40058, { verdict: 'room', help: 'a forum takes no messages itself: name one of its threads' }],
  [50001, { verdict: 'room', help: 'the bot cannot see the channel: let it view the channel' }],
  [50007, { verdict: 'room', help: 'that person takes no messages from the bot' }],
  [50008, { verdict: 'room', help: 'this kind of channel takes no messages' }],
  [50009, { verdict: 'room' }],
  [50013, { verdict: 'room', help: 'the bot lacks a permission in the channel' }],
  [50024, { verdict: 'room', help: 'this kind of channel takes no messages' }],
  [50083, { verdict: 'room', help: 'the thread is archived: open it again' }],
  [160005, { verdict: 'room', help: 'the thread is locked: unlock it, or let the bot manage threads' }],
  [160006, { verdict: 'room', help: 'the server has too many active threads to open this one again' }],
  [160007, { verdict: 'room', help: 'the server has too many active threads to open this one again' }],
  // The message.
  [10008, { verdict: 'message' }],
  [10014, { verdict: 'message', help: 'Discord knows no such emoji' }],
  [20009, { verdict: 'message' }],
  [30010, { verdict: 'message', help: 'the message has as many different reactions as it may have' }],
  [30046, { verdict: 'message' }],
  [40005, { verdict: 'message' }],
  [50005, { verdict: 'message', help: 'another account wrote the message' }],
  [50006, { verdict: 'message' }],
  [50035, { verdict: 'message' }],
  [50109, { verdict: 'message' }],
  [90001, { verdict: 'message', help: 'somebody who blocked the bot wrote the message' }],
  [200000, { verdict: 'message', help: 'the server’s AutoMod blocks it: exempt the bot’s role there' }],
  [240000, { verdict: 'message' }],
  // Slow mode and limits on writing.
  [20016, { verdict: 'roomWaits' }],
  [20022, { verdict: 'roomWaits' }],
  [20028, { verdict: 'roomWaits' }],
  [20029, { verdict: 'roomWaits' }],
  [40003, { verdict: 'roomWaits' }],
  [40062, { verdict: 'roomWaits' }],
  // Discord switched something off for everybody, or Cloudflare before it stopped us.
  [40004, { verdict: 'accountWaits' }],
  [40006, { verdict: 'accountWaits' }],
  [40333, { verdict: 'accountWaits' }],
  [110001, { verdict: 'accountWaits' }],
  [130000, { verdict: 'accountWaits' }],
]);

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
  const known = isDiscords && code !== null ? codes.get(code) : undefined;
  const number = `${status}${code === null || code === 0 ? '' : ` ${code}`}`;
  // Where Discord has no code, its text begins with the status.
  const said = text === '' ? number : text.startsWith(`${number}:`) ? text : `${number}: ${text}`;
  const reason = known?.help === undefined ? said : `${known.help} (${said})`;
  const waitMs = (fallback: number) => failure.retryAfterMs ?? fallback;

  if (isDiscords && status === 401) {
    const help = 'Discord does not know the token (any more): copy a new one from the Bot page of the application';
    return { kind: 'account', reason: `${said} (${help})` };
  }
  // First of all by the code: some of them come as a 429 and yet are final, or the other way round.
  if (status < 500 && known !== undefined) return byCode(known.verdict, reason, waitMs);
  if (status === 429) return limited(failure, said, waitMs);
  if (status >= 500 || status === 408) return { kind: 'unclear', waitMs: waitMs(waits.unclear), reason: said };
  if (!isDiscords || status < 400 || status === 405) return notDiscord(status, waitMs(waits.notDiscord), said, api);
  if (status === 403 || status === 404) return { kind: 'room', reason };
  return { kind: 'message', reason };
}

function byCode(verdict: FailureScope, reason: string, waitMs: (fallback: number) => number): Trouble {
  switch (verdict) {
    case 'account':
    case 'room':
    case 'message':
      return { kind: verdict, reason };
    case 'roomWaits':
      return { kind: 'limited', scope: 'room', waitMs: waitMs(waits.limited), reason };
    case 'accountWaits':
      return { kind: 'limited', scope: 'account', waitMs: waitMs(waits.disabled), reason };
    default:
      return verdict satisfies never;
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
  if (status === 413) return { kind: 'message', reason: `${said} (too large for a proxy before Discord)` };
  const isEverywhere = status < 400 || status === 401 || status === 404 || status === 405 || status === 407;
  const guess = isEverywhere
    ? `is ${api} the URL of Discord’s API?`
    : 'the answer is not Discord’s: a proxy before it, or Cloudflare?';
  return { kind: 'notDiscord', scope: isEverywhere ? 'account' : 'message', waitMs, reason: `${said} (${guess})` };
}
