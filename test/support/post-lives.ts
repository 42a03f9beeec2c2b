import type { EventObject } from '../../src/words.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';

/** A reported post; missing columns are plausible. */
type Reported = EventObject & {
  readonly id: number;
  readonly title: string;
  /** Time of its report after the common start, s. Default 0. */
  readonly beganSeconds?: number;
};

/**
 * Creates lives of posts: the events of a post and its rows, as metasmoke sends them. Each function of a life takes the
 * second at which it happens and returns the events. All lives share one count of row ids.
 *
 * @param startSeconds start of the first one, Unix seconds
 * @param firstRowId the ids of rows come behind it
 */
export function createPostLives(startSeconds: number, firstRowId = 5_000) {
  let rowId = firstRowId;
  const time = (second: number) => new Date((startSeconds + second) * 1_000).toISOString();
  const wire = (event_type: WireEvent['event_type'], event_class: string, object: EventObject): WireEvent => ({
    event_type,
    event_class,
    object,
  });

  function life({ id, beganSeconds = 0, title, ...more }: Reported) {
    const at = (second: number) => time(beganSeconds + second);
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
      /** Returns the time of a second in the format of rows. */
      at,
      begins: [wire('create', 'Post', row), changed(0, { native_id: id })],
      changed,
      later,
      gone,
      vote,
      /** Returns the vote, its name a moment later, and the post's own updates, of which the last two are the same. */
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
      /** The column `deleted_at` of the post stays. */
      undeleted: (second: number) => [
        child('DeletionLog', second, { is_deleted: false, uncertainty: 30 }),
        changed(second),
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

  return life;
}
