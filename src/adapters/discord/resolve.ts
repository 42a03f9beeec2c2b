import type { ResolveResult } from '../adapter.ts';
import { idOf } from './exchange.ts';
import type { Rooms } from './rooms.ts';
import { readStanding, type StandingContext } from './standing.ts';
import { troubleOf } from './trouble.ts';

export interface ResolveContext extends StandingContext {
  readonly rooms: Rooms;
  /** For reasons: where Discord is. */
  readonly api: string;
}

/** Makes sure that the bot may send to a channel or thread, and notes how messages look there. An id is its own address. */
export async function resolveRoom(
  address: string,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<ResolveResult> {
  if (idOf(address) === null)
    return { outcome: 'roomBroken', reason: 'a Discord room is the id of a channel or thread: 17 to 20 digits' };
  const standing = await readStanding(address, context, signal);
  if (standing.kind === 'standing') {
    context.rooms.note(address, standing);
    return standing.obstacle === null
      ? { outcome: 'resolved', address }
      : { outcome: 'roomBroken', reason: standing.obstacle };
  }
  const trouble = troubleOf(standing, context.api);
  switch (trouble.kind) {
    case 'limited':
    case 'unreachable':
    case 'unclear':
    case 'notDiscord':
      return { outcome: 'later', waitMs: trouble.waitMs, reason: trouble.reason };
    case 'account':
      return { outcome: 'accountBroken', reason: trouble.reason };
    case 'room':
    case 'message':
      return { outcome: 'roomBroken', reason: trouble.reason };
    default:
      return trouble satisfies never;
  }
}
