import type { Log } from '../log.ts';
import { messageOf, paragraph } from '../render/say.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import { writeNotice } from './write-notice.ts';

/** Shortest interval between two notices with the same cause, ms. */
const TELL_EVERY_MS = 10 * 60_000;
/** Most notices about the state of one thing in that time. */
const MOST_ABOUT = 20;

/**
 * Sends a notice to the operators. `cause` is equal for the same kind of trouble. `about`: the thing whose state the
 * notice tells, if another notice may tell that it changed back: it is held back only if the last notice about that thing
 * had the same cause, so that the operators' last word is right. Never throws, and returns without waiting.
 */
export type TellOperators = (cause: string, text: string, about?: string | Correction) => void;

/** The notice is sent only if the last one about this thing had another cause, also before a restart. */
export interface Correction {
  readonly corrects: string;
}

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

  async function write(room: number, cause: string, text: string, about: string | Correction | null): Promise<void> {
    const thing = typeof about === 'object' ? (about?.corrects ?? null) : about;
    const [now, subject] = [clock.now(), `operators ${thing === null ? '' : `${thing}: `}${cause}`];
    if (typeof about === 'object' && about !== null && !(await isNews(room, about, subject))) return;
    const isRepeated = thing === null ? isTold(room, subject, now) : isLastWord(room, thing, subject, now);
    if (await isRepeated) return;
    await writeNotice(db, { roomId: room, subject, message: messageOf([paragraph(text)]), now });
    wake([room]);
  }

  /** Returns true if an earlier process told the same a moment ago: a service that ends is started again and again. */
  async function isTold(room: number, subject: string, now: number): Promise<boolean> {
    const last = await db
      .selectFrom('messages')
      .select('id')
      .where('room_id', '=', room)
      .where('kind', '=', 'notice')
      .where('subject', '=', subject)
      .where('created_at', '>', now - TELL_EVERY_MS)
      .where('created_at', '<=', now)
      .limit(1)
      .executeTakeFirst();
    return last !== undefined;
  }

  /** Returns true if the last notice about a thing said otherwise, however long ago. */
  async function isNews(room: number, { corrects }: Correction, subject: string): Promise<boolean> {
    const last = await aboutThing(room, corrects).select('subject').limit(1).executeTakeFirst();
    return last !== undefined && last.subject !== subject;
  }

  /** Returns a query of the notices about a thing, newest first. */
  const aboutThing = (room: number, thing: string) =>
    db
      .selectFrom('messages')
      .where('room_id', '=', room)
      .where('kind', '=', 'notice')
      .where('subject', 'like', `operators ${thing}: %`)
      .orderBy('id', 'desc');

  /** Returns true if the last notice about a thing said the same a moment ago, or if it changed too often lately. */
  async function isLastWord(room: number, about: string, subject: string, now: number): Promise<boolean> {
    const words = await aboutThing(room, about)
      .select('subject')
      .where('created_at', '>', now - TELL_EVERY_MS)
      .where('created_at', '<=', now)
      .limit(MOST_ABOUT)
      .execute();
    return words[0]?.subject === subject || words.length === MOST_ABOUT;
  }

  return {
    tell(cause, text, about) {
      const room = roomId();
      const now = clock.monotonic();
      if (room === undefined) return;
      if (about === undefined) {
        if (now - (toldAt.get(cause) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
        toldAt.set(cause, now);
      }
      writing = writing
        .then(() => write(room, cause, text, about ?? null))
        .catch((err: unknown) => logFailure(log, err, { cause }, `could not store a notice to operators: ${text}`));
    },
    settled: () => writing,
  };
}
