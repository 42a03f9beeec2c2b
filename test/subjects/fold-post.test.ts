import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPost } from '../../src/subjects/fold-post.ts';
import {
  countVotes,
  deletionUncertainty,
  isDisputed,
  isFalsePositive,
  secondsAfterReport,
} from '../../src/subjects/post-state.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';

const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();

/** Returns an event on a row of post 1 at a second of its life. */
const event = (
  model: string,
  id: number,
  seconds: number,
  object: EventObject = {},
  type: 'create' | 'update' | 'destroy' = 'create',
): Event => {
  const made = type === 'create' ? { created_at: at(seconds) } : {};
  return anEvent({ model, id, type, subject: 'post:1', updatedAt: at(seconds), object: { ...made, ...object } });
};
const post = (seconds: number, object: EventObject = {}, type: 'create' | 'update' | 'destroy' = 'update') =>
  event('posts', 1, seconds, { created_at: at(0), ...object }, type);

describe('the state of a post', () => {
  it('is folded from its events', () => {
    const state = foldPost([
      post(0, { title: 'Buy', link: '//apple.stackexchange.com/q/1' }, 'create'),
      event('flag_logs', 5, 3, { success: true, is_auto: true, is_dry_run: null }),
      event('flag_logs', 6, 3, { success: false, is_auto: true }),
      event('flag_logs', 7, 4, { success: true, is_auto: true, is_dry_run: true }),
      event('flag_logs', 8, 5, { success: true, is_auto: false }),
      event('feedbacks', 2, 20, { feedback_type: 'tpu-', user_name: null, user_id: 7 }),
      event('feedbacks', 2, 20, { feedback_type: 'tpu-', user_name: 'Ann', user_id: 7 }, 'update'),
      event('feedbacks', 3, 25, { feedback_type: 'fp' }),
      event('feedbacks', 3, 26, { feedback_type: 'fp' }, 'destroy'),
      event('feedbacks', 4, 27, { feedback_type: 'naa', is_invalidated: true }),
      event('deletion_logs', 9, 30, { is_deleted: true, uncertainty: 12 }),
      event('deletion_logs', 10, 40, { is_deleted: false }),
      event('post_comments', 3, 50, { text: 'Hm' }),
    ]);
    expect(state).toMatchObject({ title: 'Buy', site: 'apple.stackexchange.com', fate: 'stands', isAutoflagged: true });
    expect(state.votes.map(({ verdict, by }) => [verdict, by])).toEqual([['tp', 'Ann']]);
    expect(state.flags.map(({ kind }) => kind)).toEqual(['auto', 'failed', 'dryRun', 'manual']);
    expect(state.deletions.map(({ isDeleted, uncertaintyMs }) => [isDeleted, uncertaintyMs])).toEqual([
      [true, 12_000],
      [false, null],
    ]);
    expect(state.comments).toHaveLength(1);
    expect(state.reportedAt).toBe(start);
  });

  it.each([
    ['deleted', [post(5, { deleted_at: at(5) })]],
    ['deleted', [event('deletion_logs', 1, 5, {})]],
    // A destroy has the time of the row's last change.
    ['removed', [post(5), post(5, {}, 'destroy')]],
    // The destroy was rolled back: the row changed after it.
    ['stands', [post(5, {}, 'destroy'), post(6)]],
    // The log, and in the same second a row from before the deletion.
    ['deleted', [post(5, { deleted_at: null }), event('deletion_logs', 1, 5, {})]],
    ['deleted', [event('deletion_logs', 1, 5, {}), post(5, { deleted_at: null })]],
    // No event announced the undeletion except the row.
    ['stands', [event('deletion_logs', 1, 5, {}), post(9, { deleted_at: null })]],
    // The row still has its old deletion.
    [
      'stands',
      [
        event('deletion_logs', 1, 5, {}),
        event('deletion_logs', 2, 8, { is_deleted: false }),
        post(9, { deleted_at: at(5) }),
      ],
    ],
    // Deleted once more, and no event announced it except the row.
    ['deleted', [event('deletion_logs', 2, 8, { is_deleted: false }), post(12, { deleted_at: at(11) })]],
  ] as const)('is %s', (fate, events) => {
    expect(foldPost(events).fate).toBe(fate);
    expect(foldPost(events.toReversed()).fate).toBe(fate);
  });

  it('dates a second deletion by itself, with its own uncertainty', () => {
    const lived = [
      post(0, {}, 'create'),
      event('deletion_logs', 1, 5, { uncertainty: 60 }),
      event('deletion_logs', 2, 8, { is_deleted: false }),
      post(8, { deleted_at: at(5) }),
      event('deletion_logs', 3, 20, { uncertainty: 12 }),
      // A second observer.
      event('deletion_logs', 4, 25, { uncertainty: 30 }),
    ];
    for (const events of [lived, lived.toReversed()]) {
      const state = foldPost(events);
      expect(state).toMatchObject({ fate: 'deleted', deletedAt: start + 20_000 });
      expect(deletionUncertainty(state)).toBe(12);
    }
  });

  it('has a row that agrees with it', () => {
    const stale = { deleted_at: at(5), is_tp: true, is_fp: false, is_naa: null, autoflagged: false };
    const state = foldPost([
      post(9, stale),
      event('deletion_logs', 1, 5, {}),
      event('deletion_logs', 2, 8, { is_deleted: false }),
      event('feedbacks', 1, 10, { feedback_type: 'fp' }),
      event('flag_logs', 5, 3, { success: true, is_auto: true }),
    ]);
    expect(state.row).toMatchObject({ deleted_at: null, is_tp: false, is_fp: true, is_naa: false, autoflagged: true });
    // Votes from before Lookout ran are not known: the row tells of them.
    expect(foldPost([post(9, stale)]).row).toMatchObject(stale);
  });

  it('has no time of the report if its row has none', () => {
    const state = foldPost([post(0, { created_at: null }, 'create'), event('deletion_logs', 1, 5, {})]);
    expect(state.reportedAt).toBeNull();
    expect(secondsAfterReport(state, state.deletedAt)).toBeNull();
  });

  it('counts the newest vote of each person, even before the old one is destroyed', () => {
    const state = foldPost([
      event('feedbacks', 2, 20, { feedback_type: 'tp', user_id: 7 }),
      event('feedbacks', 5, 30, { feedback_type: 'fp-', user_id: 7 }),
      event('feedbacks', 6, 31, { feedback_type: 'naa', chat_user_id: 7, chat_host: 'stackexchange.com' }),
    ]);
    expect(countVotes(state)).toEqual({ tp: 0, fp: 1, naa: 1, ignore: 0 });
    expect([isDisputed(state), isFalsePositive(state)]).toEqual([false, true]);
  });

  it('is empty for an unknown post, and accepts invalid rows', () => {
    expect(foldPost([])).toMatchObject({ title: null, site: null, fate: 'stands', reportedAt: null, votes: [] });
    const nonsense = { title: 7, link: {}, created_at: 'never', deleted_at: 5, feedback_type: ['tp'], is_deleted: 'x' };
    for (const model of ['posts', 'feedbacks', 'flag_logs', 'deletion_logs', 'post_comments'])
      expect(foldPost([event(model, 1, 1, nonsense)]).title).toBeNull();
  });

  it('keeps columns that a fetched row does not have', () => {
    const state = foldPost([post(0, { title: 'Buy', native_id: 5 }, 'create'), post(9, { title: 'Sell' })]);
    expect(state.row).toMatchObject({ title: 'Sell', native_id: 5 });
  });

  it('does not depend on the order of arrival', () => {
    const life = [
      post(0, { title: 'Buy', deleted_at: null }, 'create'),
      post(0, { title: 'Buy', deleted_at: null, native_id: 3 }),
      event('flag_logs', 5, 3, { success: true, is_auto: true }),
      event('feedbacks', 2, 20, { feedback_type: 'tp', user_id: 7, user_name: null }),
      event('feedbacks', 2, 20, { feedback_type: 'tp', user_id: 7, user_name: 'Ann' }, 'update'),
      event('feedbacks', 3, 25, { feedback_type: 'fp', user_id: 7 }),
      event('feedbacks', 2, 20, { feedback_type: 'tp', user_id: 7, user_name: 'Ann' }, 'destroy'),
      event('deletion_logs', 9, 30, { is_deleted: true }),
      post(30, { title: 'Buy', deleted_at: at(30) }),
      event('deletion_logs', 10, 40, { is_deleted: false }),
      post(40, { title: 'Buy', deleted_at: null }),
    ];
    const without = (events: readonly Event[]) => JSON.stringify(foldPost(events));
    const shuffled = fc.shuffledSubarray(life, { minLength: life.length, maxLength: life.length });
    fc.assert(
      fc.property(shuffled, (events) => {
        expect(without(events)).toBe(without(life));
      }),
      { seed: 2026, numRuns: 500 },
    );
  });
});
