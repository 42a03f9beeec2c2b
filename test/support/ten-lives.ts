import type { EventObject } from '../../src/words.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';
import { createPostLives } from './post-lives.ts';

/**
 * Returns the lives of ten posts as metasmoke sends them, invented: names that come later than their feedback, votes
 * that are changed, taken back or invalidated, two flaggers, disagreement, deletions and undeletions, a report that is
 * removed. A create and its update have the same second, as they do there.
 */
export function tenLives(startSeconds: number): readonly WireEvent[] {
  const lives = createPostLives(startSeconds);
  const life = (id: number, title: string, more: EventObject = {}) =>
    lives({ id, title, beganSeconds: (id - 900_000) * 10, ...more });

  const spam = life(900_001, 'Buy **keto** gummies @everyone');
  const autoFalse = life(900_002, 'How do I buy a house?', { user_reputation: 214 });
  const disputed = life(900_003, 'Is this [spam](https://evil.example)?');
  const changedVote = life(900_004, 'Best printers of the year');
  const undeleted = life(900_005, 'An answer that came back');
  const talked = life(900_006, 'I have the same problem');
  const removed = life(900_007, 'Reported by mistake');
  const invalidated = life(900_008, 'Good or bad?');
  const flagged = life(900_009, 'Contact us ‮moc.live');
  const quiet = life(900_010, 'Nobody told us of the deletion');

  const first = changedVote.voted(12, 'tp-', 11, 'Ann');
  const second = changedVote.voted(40, 'fp-', 11, 'Ann');
  const badVote = invalidated.vote(20, 'fp', 12, { user_name: 'Bob' });
  const removedFlag = removed.flag(3);
  return [
    ...spam.begins,
    spam.flag(4),
    spam.flag(4),
    ...spam.voted(17, 'tpu-', 11, 'Ann'),
    ...spam.voted(31, 'tp', 12, 'Bob'),
    ...spam.deleted(41),

    ...autoFalse.begins,
    autoFalse.flag(5),
    ...autoFalse.voted(90, 'fp', 12, 'Bob'),

    ...disputed.begins,
    ...disputed.voted(10, 'tp', 11, 'Ann'),
    ...disputed.voted(25, 'fpu-', 12, 'Bob'),

    ...changedVote.begins,
    ...first,
    ...second,
    changedVote.gone(first[0]!),
    changedVote.changed(41, { is_tp: false }),
    changedVote.changed(41, { is_tp: false }),

    ...undeleted.begins,
    ...undeleted.deleted(30),
    ...undeleted.undeleted(95),

    ...talked.begins,
    ...talked.voted(15, 'naa-', 11, 'Ann'),
    talked.comment(16),
    talked.comment(18),

    ...removed.begins,
    removedFlag,
    removed.removed(60),
    removed.gone(removedFlag),

    ...invalidated.begins,
    ...invalidated.voted(11, 'tp', 11, 'Ann'),
    badVote,
    invalidated.later(badVote, 300, { is_invalidated: true, invalidated_by: 11 }),

    ...flagged.begins,
    flagged.flag(3, { is_dry_run: true }),
    flagged.flag(6, { success: false, error_message: 'No flags left' }),
    flagged.flag(9, { is_auto: false }),
    flagged.vote(12, 'ignore', 13, { user_name: 'Eve' }),

    ...quiet.begins,
    ...quiet.reviewed(20, 'tp'),
    quiet.changed(70, { deleted_at: quiet.at(70) }),
  ];
}
