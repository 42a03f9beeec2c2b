import { objectOf, textOf } from '../../text/json.ts';
import type { Exchange } from './exchange.ts';
import { printable } from './printable.ts';

/** The membership of our account in a room. */
export interface Membership {
  /** `join`, `invite`, `leave`, `ban`, `knock`; `unknown` if the homeserver does not say. */
  readonly state: string;
  /** The person who decided it; null if the homeserver does not say. */
  readonly by: string | null;
  /** The reason that they gave. */
  readonly reason: string | null;
}

export const unknownMembership: Membership = { state: 'unknown', by: null, reason: null };

/** Reads the event of our membership, or its content alone from a homeserver that gives no more. */
export function readMembership({ body }: Exchange & { readonly kind: 'ok' }): Membership {
  const content = typeof body.type === 'string' ? objectOf(body.content) : body;
  return {
    state: textOf(content.membership) ?? 'unknown',
    by: textOf(body.sender),
    reason: textOf(content.reason),
  };
}

/** Returns true if somebody put `user` out of a room. Who left by itself may come back by itself. */
export function isPutOut({ state, by }: Membership, user: string): boolean {
  return state === 'ban' || (state === 'leave' && by !== user);
}

/** The longest part of a reason that is shown, in UTF-16 units. */
const longestReason = 200;

/** Says who put us out of a room, why, and how we come back. */
export function putOutText({ state, by, reason }: Membership, user: string): string {
  const did = state === 'ban' ? 'is banned from the room' : 'was removed from the room';
  const who = by === null ? '' : ` by ${printable(by)}`;
  const why = reason === null || reason.trim() === '' ? '' : `, who said: "${inOneLine(reason)}"`;
  const remedy = state === 'ban' ? 'lift the ban, then invite it' : 'invite it again';
  return `${user} ${did}${who}${why}: ${remedy}`;
}

/** A moderator's words on one line, without characters that are not shown. */
function inOneLine(text: string): string {
  const shown = text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return shown.length > longestReason ? `${shown.slice(0, longestReason).toWellFormed()}…` : shown;
}
