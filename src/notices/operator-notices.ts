import type { Log } from '../log.ts';
import { messageOf, paragraph } from '../render/say.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import { writeNotice } from './write-notice.ts';

/** Shortest interval between two notices with the same cause, ms. */
const TELL_EVERY_MS = 10 * 60_000;

/**
 * Sends a notice to the operators. `cause` is equal for the same kind of trouble. Never throws, and returns without
 * waiting.
 */
export type TellOperators = (cause: string, text: string) => void;

export interface OperatorsOptions {
  readonly db: Database;
  /** Returns the operators' room; undefined: none is configured. */
  readonly roomId: () => number | undefined;
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sends notices to the operators' room. A notice is a stored message waiting to be sent like any other, so it survives
 * a crash.
 */
export interface Operators {
  readonly tell: TellOperators;
  /** Resolves when all notices so far are stored. */
  settled(): Promise<void>;
}

export function createOperators({ db, roomId, wake, clock, log }: OperatorsOptions): Operators {
  /** Time of the last notice of each cause by the monotonic clock, ms. */
  const toldAt = new Map<string, number>();
  let writing: Promise<void> = Promise.resolve();

  async function write(room: number, text: string): Promise<void> {
    const message = messageOf([paragraph(text)]);
    await writeNotice(db, { roomId: room, subject: 'operators', message, now: clock.now() });
    wake([room]);
  }

  return {
    tell(cause, text) {
      const room = roomId();
      const now = clock.monotonic();
      if (room === undefined || now - (toldAt.get(cause) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
      toldAt.set(cause, now);
      writing = writing
        .then(() => write(room, text))
        .catch((err: unknown) => logFailure(log, err, { cause }, `could not store a notice to operators: ${text}`));
    },
    settled: () => writing,
  };
}
