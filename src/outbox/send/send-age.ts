import { type Clock, toWall } from '../../time/clock.ts';
import type { StoredSend } from '../rows/send-row.ts';

/** Time since the attempts of a send. */
export interface SendAge {
  /** Time since the first attempt, ms; Infinity if it is not known. */
  readonly firstMs: number;
  /** Time since the last attempt, ms, rather too little than too much. */
  readonly lastMs: number;
  /** Time of the first attempt by the wall clock, Unix milliseconds; 0 if it is not known. */
  readonly firstAt: number;
}

/** Returns how old a send is. A doubt makes it older: then the room is searched before anything is repeated. */
export function sendAge(send: Pick<StoredSend, 'first_attempt_at' | 'last_attempt_at'>, clock: Clock): SendAge {
  const { first_attempt_at: first, last_attempt_at: last } = send;
  const isSure = first > clock.sureSince();
  const now = clock.now();
  return {
    firstMs: isSure ? now - first : Number.POSITIVE_INFINITY,
    lastMs: now - last,
    firstAt: isSure ? toWall(clock, first) : 0,
  };
}
