import type { EventObject } from '../../src/words.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';
import { createPostLives } from './post-lives.ts';

/** The events of ten posts, by the time at which Lookout hears of them. */
export interface HardLives {
  /** Sent while Lookout is connected. */
  readonly heard: readonly WireEvent[];
  /** Happens while Lookout does not run, `gapSeconds.from` to `gapSeconds.to` seconds after the start. Only the API knows it. */
  readonly missed: readonly WireEvent[];
  /** The id of a post that the API never has. */
  readonly ghost: number;
}

/** Seconds after the start between which Lookout must not run. */
export const gapSeconds = { from: 380, to: 430 } as const;

/**
 * Returns lives of posts in which one source contradicts another, invented: twins (two reports of one post), deletions
 * that are taken back while the post's row keeps its old `deleted_at`, a report that was never there, one whose removal
 * was rolled back, and a gap.
 *
 * @param startSeconds start of those with a gap, Unix seconds; the others began ten minutes earlier
 */
export function hardLives(startSeconds: number): HardLives {
  const before = createPostLives(startSeconds - 600);
  const around = createPostLives(startSeconds, 7_000);
  const twinOf = (id: number, more: EventObject = {}) => ({ link: `//stackoverflow.com/questions/${id}`, ...more });

  const deletedTwin = before({ id: 901_001, title: 'Reported twice, deleted once' });
  const itsTwin = before({ id: 901_101, title: 'Reported twice, deleted once', beganSeconds: 4, ...twinOf(901_001) });
  const judgedTwin = before({ id: 901_002, title: 'Reported twice, judged twice', beganSeconds: 10 });
  const judgedOther = before({
    ...{ id: 901_102, title: 'Reported twice, judged twice', beganSeconds: 12 },
    ...twinOf(901_002),
  });
  const deletedAgain = before({ id: 901_003, title: 'Deleted, undeleted, deleted again', beganSeconds: 20 });
  const stale = before({ id: 901_004, title: 'Undeleted, and its row still says deleted', beganSeconds: 30 });
  const ghost = before({ id: 901_005, title: 'Never there', beganSeconds: 40 });
  const back = before({ id: 901_006, title: 'Removed, and the removal rolled back', beganSeconds: 50 });
  const judgedInGap = around({ id: 901_007, title: 'Judged and deleted in the gap' });
  const undeletedInGap = around({ id: 901_008, title: 'Undeleted in the gap', beganSeconds: 2 });
  const twinInGap = around({ id: 901_009, title: 'Reported again in the gap', beganSeconds: 4 });
  const second = around({ id: 901_109, title: 'Reported again in the gap', beganSeconds: 400, ...twinOf(901_009) });
  const born = around({ id: 901_010, title: 'Reported in the gap', beganSeconds: 402, autoflagged: true });

  return {
    ghost: 901_005,
    heard: [
      ...deletedTwin.begins,
      ...itsTwin.begins,
      itsTwin.flag(6),
      ...itsTwin.voted(20, 'tp-', 11, 'Ann'),
      ...itsTwin.deleted(56),

      ...judgedTwin.begins,
      ...judgedTwin.voted(15, 'tp', 11, 'Ann'),
      ...judgedOther.begins,
      ...judgedOther.voted(28, 'fp', 12, 'Bob'),

      ...deletedAgain.begins,
      ...deletedAgain.deleted(30),
      ...deletedAgain.undeleted(95),
      ...deletedAgain.deleted(200),

      ...stale.begins,
      ...stale.deleted(30),
      ...stale.undeleted(95),
      stale.changed(120, { title: 'Undeleted, and its row still says deleted (edited)' }),

      ...ghost.begins,

      ...back.begins,
      back.removed(20),
      back.changed(25),

      ...judgedInGap.begins,
      judgedInGap.flag(3),
      ...undeletedInGap.begins,
      ...undeletedInGap.deleted(60),
      ...twinInGap.begins,
      ...twinInGap.voted(50, 'tp-', 12, 'Bob'),
    ],
    missed: [
      ...judgedInGap.voted(400, 'tp', 11, 'Ann'),
      ...judgedInGap.deleted(410),
      ...undeletedInGap.undeleted(405),
      ...second.begins,
      ...second.voted(3, 'tp', 11, 'Ann'),
      ...second.deleted(9),
      ...born.begins,
      born.flag(2),
      ...born.voted(8, 'tp', 11, 'Ann'),
    ],
  };
}
