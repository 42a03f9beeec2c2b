import type { Log } from '../log.ts';
import { messageOf, paragraph } from '../render/say.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import { writeNotice } from './write-notice.ts';

/** The same cause is told once in so long, in milliseconds. */
const TELL_EVERY_MS = 10 * 60_000;

/** Tells the operators something: `cause` is equal for what they would call the same trouble. Never throws and waits for nothing. */
export type TellOperators = (cause: string, text: string) => void;

export interface OperatorsOptions {
  readonly db: Database;
  /** Their room; undefined: none is configured. */
  readonly roomId: () => number | undefined;
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The operators' room: what they are told is a message that waits to be sent like any other, also over a crash. */
export interface Operators {
  readonly tell: TellOperators;
  /** Resolves when all that was told is written down. */
  settled(): Promise<void>;
}

export function createOperators({ db, roomId, wake, clock, log }: OperatorsOptions): Operators {
  /** By the monotonic clock. */
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
        .catch((err: unknown) => logFailure(log, err, { cause }, `the operators could not be told: ${text}`));
    },
    settled: () => writing,
  };
}
