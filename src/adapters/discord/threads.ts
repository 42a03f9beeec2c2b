import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';

/** The threads in our rooms, as they were last seen. */
export interface Threads {
  /** Returns true if a thread existed when it was last used. */
  isOpen(thread: string): boolean;
  opened(thread: string): void;
  /** Returns true if a room opens no threads, or a thread takes nothing; checked again after a while. */
  isShut(roomOrThread: string): boolean;
  /** `shut` is the room, where it opens none, or the thread. Says what is done instead, once a room. */
  shut(shut: string, room: string, reason: string): void;
}

/**
 * Time for which replies take the place of threads, in milliseconds. Longer than a nonce protects, so that a repeat goes where the
 * first attempt went.
 */
const shutForMs = 10 * 60_000;
/** More threads than this are not remembered: to open one again only tells that it is there. */
const most = 10_000;

export function createThreads(log: Log, clock: Clock): Threads {
  const open = new Set<string>();
  const shutUntil = new Map<string, number>();
  const told = new Set<string>();
  return {
    isOpen: (thread) => open.has(thread),
    opened(thread) {
      if (open.size >= most) open.clear();
      open.add(thread);
    },
    isShut: (roomOrThread) => (shutUntil.get(roomOrThread) ?? 0) > clock.monotonic(),
    shut(shut, room, reason) {
      const now = clock.monotonic();
      open.delete(shut);
      for (const [id, until] of shutUntil) if (until <= now) shutUntil.delete(id);
      shutUntil.set(shut, now + shutForMs);
      if (told.has(room)) return;
      told.add(room);
      log.warn(
        { platform: 'discord', room },
        `no message gets into a thread in Discord room ${room}: it is shown as a reply there (${reason})`,
      );
    },
  };
}
