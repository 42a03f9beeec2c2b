import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../src/subjects/fold-post.ts';
import { foldRows } from '../../src/subjects/fold-rows.ts';
import { joinTwins } from '../../src/subjects/join-twins.ts';
import { deletionUncertainty, isDisputed, LISTED, type PostState } from '../../src/subjects/post-state.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';

const seed = 20261129;
const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();

/** Returns an event on a row of a post at a second. */
const event = (
  post: number,
  model: string,
  id: number,
  seconds: number,
  object: EventObject = {},
  type: 'create' | 'update' | 'destroy' = 'create',
): Event =>
  anEvent({
    ...{ model, id, type, subject: `post:${post}`, updatedAt: at(seconds), receivedAt: start + seconds * 1_000 },
    object: { ...(type === 'create' ? { created_at: at(seconds) } : {}), ...object },
  });

/** Returns the state of a report as it is joined with the others. */
function stateOf(post: number, events: readonly Event[]): PostState {
  const subjects = [...new Set(events.map(({ subject }) => subject))];
  const parts = (subject: string) => partsOf(foldRows(events.filter((one) => one.subject === subject)));
  const own = `post:${post}`;
  return joinTwins(parts(own), subjects.filter((subject) => subject !== own).map(parts));
}

const shared = ({ reportedAt, deletedAt, isAutoflagged, counts, votes, flags, deletions }: PostState) => {
  const { comment: _, review: _r, ...others } = counts;
  return { reportedAt, deletedAt, isAutoflagged, counts: others, votes, flags, deletions };
};

describe('the state of a report whose post has another one', () => {
  const reports = [event(1, 'posts', 1, 0, { title: 'Buy' }), event(2, 'posts', 2, 400, { title: 'Buy now' })];

  it('has votes, flags and deletions of both, and title, comments and reviews of its own', () => {
    const events = [
      ...reports,
      event(1, 'feedbacks', 1, 10, { feedback_type: 'tp', user_id: 1 }),
      event(2, 'feedbacks', 2, 410, { feedback_type: 'fp', user_id: 2 }),
      event(1, 'flag_logs', 3, 5, { success: true, is_auto: true }),
      event(1, 'post_comments', 4, 20),
      event(2, 'review_results', 5, 420),
      event(1, 'deletion_logs', 6, 430, { uncertainty: 7 }),
    ];
    const [first, second] = [stateOf(1, events), stateOf(2, events)];
    expect(shared(first)).toEqual(shared(second));
    expect(second).toMatchObject({ fate: 'deleted', deletedAt: start + 430_000, isAutoflagged: true });
    expect([isDisputed(first), deletionUncertainty(second)]).toEqual([true, 7]);
    expect([first.title, first.comments.length, first.reviews.length]).toEqual(['Buy', 1, 0]);
    expect([second.title, second.comments.length, second.reviews.length]).toEqual(['Buy now', 0, 1]);
    expect(second.row).toMatchObject({ is_tp: true, is_fp: true, autoflagged: true, deleted_at: at(430) });
  });

  it('is edited if the texts of the two differ, as far as both are known', () => {
    const texts = (first: EventObject, second: EventObject) => {
      const events = [event(1, 'posts', 1, 0, first), event(2, 'posts', 2, 400, second)];
      return [stateOf(1, events).isEdited, stateOf(2, events).isEdited];
    };
    expect(texts({ title: 'Buy' }, { title: 'Buy now' })).toEqual([true, true]);
    expect(texts({ title: 'Buy', body: 'a' }, { title: 'Buy', body: 'b' })).toEqual([true, true]);
    expect(texts({ title: 'Buy', body: 'a' }, { title: 'Buy' })).toEqual([false, false]);
    expect(texts({ title: 'Buy', revision_count: 2 }, { title: 'Buy' })).toEqual([true, true]);
  });

  it('counts the newest vote of a person, whichever of them it came for', () => {
    const votes = [
      event(2, 'feedbacks', 1, 410, { feedback_type: 'tp', user_id: 1 }),
      event(1, 'feedbacks', 2, 420, { feedback_type: 'fp', user_id: 1 }),
    ];
    for (const post of [1, 2])
      expect(stateOf(post, [...reports, ...votes])).toMatchObject({ counts: { tp: 0, fp: 1 }, votes: [{ id: '2' }] });
  });

  it('stands if the post was undeleted, and is deleted by the column of either', () => {
    const deletion = event(1, 'deletion_logs', 1, 430);
    const column = event(1, 'posts', 1, 431, { deleted_at: at(430) }, 'update');
    // Votes change the newer report, whose column was never set.
    const vote = event(2, 'posts', 2, 440, { deleted_at: null }, 'update');
    const undeletion = event(2, 'deletion_logs', 2, 450, { is_deleted: false });
    for (const post of [1, 2]) {
      expect(stateOf(post, [...reports, deletion, vote]).fate).toBe('deleted');
      expect(stateOf(post, [...reports, column, vote]).fate).toBe('deleted');
      expect(stateOf(post, [...reports, deletion, column, undeletion]).fate).toBe('stands');
    }
  });

  it('is removed by itself', () => {
    const events = [...reports, event(1, 'posts', 1, 500, {}, 'destroy')];
    expect([stateOf(1, events).fate, stateOf(2, events).fate]).toEqual(['removed', 'stands']);
  });

  it('lists the first and the newest of each kind of all, and counts all', () => {
    const votes = (post: number) =>
      Array.from({ length: 2 * LISTED }, (_, n) =>
        event(post, 'feedbacks', 1_000 * post + n, 2 * n + post, { feedback_type: 'tp', user_id: 1_000 * post + n }),
      );
    const all = [...votes(1), ...votes(2)].toSorted((a, b) => a.receivedAt - b.receivedAt);
    const state = stateOf(2, [...reports, ...all]);
    expect(state.counts.tp).toBe(4 * LISTED);
    expect(state.votes.map(({ id }) => id)).toEqual(
      [...all.slice(0, LISTED), ...all.slice(-LISTED)].map(({ rowId }) => rowId),
    );
  });

  it(`depends neither on the order of arrival nor on the report that a row came for (seed ${seed})`, () => {
    const step = fc.record({
      post: fc.integer({ min: 1, max: 3 }),
      elsewhere: fc.integer({ min: 1, max: 3 }),
      type: fc.constantFrom('create' as const, 'update' as const, 'destroy' as const),
      told: fc.oneof(
        fc.record({
          model: fc.constant('feedbacks'),
          object: fc.record({
            feedback_type: fc.constantFrom('tp', 'tpu-', 'fp', 'naa', 'ignore', 'odd'),
            user_id: fc.integer({ min: 1, max: 3 }),
            is_invalidated: fc.boolean(),
          }),
        }),
        fc.record({
          model: fc.constant('flag_logs'),
          object: fc.record({
            success: fc.boolean(),
            is_auto: fc.boolean(),
            flag_type: fc.constantFrom('spam', 'other'),
          }),
        }),
        fc.record({
          model: fc.constant('deletion_logs'),
          object: fc.record({ is_deleted: fc.boolean(), uncertainty: fc.integer({ min: 0, max: 9 }) }),
        }),
      ),
    });
    const columns = fc.record({
      post: fc.integer({ min: 1, max: 3 }),
      object: fc.record({ autoflagged: fc.boolean(), deleted_at: fc.option(fc.integer({ min: 0, max: 40 })) }),
    });
    // The id of a row decides where it belongs, so that its versions stay together.
    const id = fc.integer({ min: 1, max: 8 });
    const life = fc.array(fc.oneof(fc.record({ step, id }), columns), { maxLength: 30 });
    fc.assert(
      fc.property(life, fc.infiniteStream(fc.nat()), (steps, random) => {
        const three = [1, 2, 3].map((post) => event(post, 'posts', post, post));
        const told = (place: 'post' | 'elsewhere') => {
          const where = new Map<string, number>();
          return steps.map((one, n) => {
            if (!('step' in one)) {
              const { deleted_at: s, autoflagged } = one.object;
              const object = { autoflagged, deleted_at: s === null ? null : at(s) };
              return event(one.post, 'posts', one.post, 10 + n, object, 'update');
            }
            const { told: row, type } = one.step;
            const key = `${row.model} ${one.id}`;
            if (!where.has(key)) where.set(key, one.step[place]);
            return event(where.get(key)!, row.model, one.id, 10 + n, row.object, type);
          });
        };
        const shuffled = told('elsewhere').map((one) => ({ one, key: random.next().value }));
        const first = [...three, ...told('post')];
        const second = [...shuffled.sort((a, b) => a.key - b.key).map(({ one }) => one), ...three];
        const states = [1, 2, 3].flatMap((post) => [stateOf(post, first), stateOf(post, second)]);
        for (const state of states) expect(shared(state)).toEqual(shared(states[0]!));
        const whole = partsOf(foldRows(told('post').filter(({ role }) => role !== 'report')));
        const { comment: _, review: _r, ...counts } = whole.counts;
        expect(shared(states[0]!).counts).toEqual(counts);
      }),
      { seed, numRuns: 300 },
    );
  });
});
