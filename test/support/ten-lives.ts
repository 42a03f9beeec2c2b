import type { EventObject, SentType } from '../../src/words.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';

/**
 * The lives of ten posts as metasmoke tells of them, made up: names that come later than their feedback, votes that are changed,
 * taken back or made invalid, two flaggers, disagreement, deletions and undeletions, a report that is removed. A create and its
 * update lie in one second, as they do there.
 */
export function tenLives(startSeconds: number): readonly WireEvent[] {
  let rowId = 5_000;
  const time = (second: number) => new Date((startSeconds + second) * 1_000).toISOString();
  const wire = (event_type: SentType, event_class: string, object: EventObject): WireEvent => ({
    event_type,
    event_class,
    object,
  });

  /** What happens to one post, by the second of its life. */
  function life(id: number, title: string, more: EventObject = {}) {
    const began = (id - 900_000) * 10;
    const at = (second: number) => time(began + second);
    let row: EventObject = {
      id,
      title,
      link: `//stackoverflow.com/questions/${id}`,
      site_id: 1,
      user_link: `//stackoverflow.com/users/${id}/u`,
      username: `author of ${id}`,
      user_reputation: 1,
      why: 'Title - Position 1-4: Buy',
      is_tp: false,
      is_fp: false,
      is_naa: false,
      deleted_at: null,
      native_id: null,
      created_at: at(0),
      updated_at: at(0),
      ...more,
    };
    const changed = (second: number, fields: EventObject = {}) => {
      row = { ...row, ...fields, updated_at: at(second) };
      return wire('update', 'Post', row);
    };
    const child = (eventClass: string, second: number, fields: EventObject) =>
      wire('create', eventClass, {
        id: ++rowId,
        post_id: id,
        created_at: at(second),
        updated_at: at(second),
        ...fields,
      });
    const later = (event: WireEvent, second: number, fields: EventObject) =>
      wire('update', event.event_class, { ...event.object, ...fields, updated_at: at(second) });
    const gone = (event: WireEvent) => wire('destroy', event.event_class, event.object);
    const vote = (second: number, type: string, user: number, fields: EventObject = {}) =>
      child('Feedback', second, {
        feedback_type: type,
        user_id: user,
        user_name: null,
        is_invalidated: false,
        ...fields,
      });
    return {
      begins: [wire('create', 'Post', row), changed(0, { native_id: id })],
      changed,
      later,
      gone,
      vote,
      /** The vote, its name a moment later, and the post's own updates, the last two alike. */
      voted(second: number, type: string, user: number, name: string) {
        const given = vote(second, type, user);
        const column = /^(tp|fp|naa)/.exec(type)?.[0];
        const told = changed(second, column === undefined ? {} : { [`is_${column}`]: true });
        return [given, later(given, second, { user_name: name }), told, told];
      },
      flag: (second: number, fields: EventObject = {}) =>
        child('FlagLog', second, { success: true, is_auto: true, is_dry_run: null, flag_type: 'spam', ...fields }),
      deleted: (second: number) => [
        child('DeletionLog', second, { is_deleted: true, uncertainty: 12 }),
        changed(second, { deleted_at: at(second) }),
      ],
      undeleted: (second: number) => [
        child('DeletionLog', second, { is_deleted: false, uncertainty: 30 }),
        changed(second, { deleted_at: null }),
      ],
      comment: (second: number) => child('PostComment', second, { text: 'Same as last week', user_id: 3 }),
      removed: (second: number) => {
        changed(second);
        return wire('destroy', 'Post', row);
      },
      reviewed(second: number, result: string) {
        const item = wire('create', 'ReviewItem', {
          id: ++rowId,
          reviewable_type: 'Post',
          reviewable_id: id,
          completed: true,
          created_at: at(second),
          updated_at: at(second),
        });
        const fields = { id: ++rowId, review_item_id: item.object.id ?? null, result, user_id: 4 };
        return [item, wire('create', 'ReviewResult', { ...fields, created_at: at(second), updated_at: at(second) })];
      },
    };
  }

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
    quiet.changed(70, { deleted_at: time((900_010 - 900_000) * 10 + 70) }),
  ];
}
