import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  derivedOfPing,
  derivedOfPost,
  derivedOfQuota,
  lingering,
  silence,
  sourceBack,
  sourceLost,
} from '../../src/subjects/derive.ts';
import { foldPost } from '../../src/subjects/fold-post.ts';
import { countVotes, isDisputed, isFalsePositive } from '../../src/subjects/post-state.ts';
import type { Event, EventObject, SentType } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { catalogue } from '../support/the-catalogue.ts';

const report = catalogue.ofRole('report')!;
const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();

const event = (model: string, id: number, seconds: number, object: EventObject, type: SentType = 'create'): Event =>
  anEvent({
    model,
    id,
    type,
    subject: 'post:1',
    updatedAt: at(seconds),
    receivedAt: start + seconds * 1_000,
    object: { ...(type === 'create' ? { created_at: at(seconds) } : {}), ...object },
  });
const post = (seconds: number, object: EventObject = {}, type: SentType = 'update') =>
  event('posts', 1, seconds, { created_at: at(0), title: 'Buy', user_reputation: 1, body: 'b', ...object }, type);
const deletion = (id: number, seconds: number, isDeleted = true) =>
  event('deletion_logs', id, seconds, { is_deleted: isDeleted, uncertainty: 12 });
const vote = (id: number, seconds: number, type: string, user = id) =>
  event('feedbacks', id, seconds, { feedback_type: type, user_id: user });
const autoflag = event('flag_logs', 50, 3, { success: true, is_auto: true, is_dry_run: null, flag_type: 'spam' });

/** Returns the events derived while these arrive one by one, each once, as in the store. */
function told(events: readonly Event[]) {
  const known = new Map<string, Event>();
  for (const [n, one] of events.entries()) {
    const [before, after] = [foldPost(events.slice(0, n)), foldPost(events.slice(0, n + 1))];
    for (const { event: derived, identity } of derivedOfPost([before], after, { event: one, key: `k${n}` }, report))
      if (!known.has(identity.key)) known.set(identity.key, derived);
  }
  return [...known.values()];
}
const types = (events: readonly Event[]) => told(events).map(({ type }) => type);

describe('the events derived about a post', () => {
  it('come as they become true, with the known row and the values for readers', () => {
    const all = told([
      post(0, {}, 'create'),
      autoflag,
      vote(1, 20, 'tpu-'),
      vote(2, 30, 'fp'),
      deletion(1, 41),
      post(41, { deleted_at: at(41) }),
      deletion(2, 60, false),
    ]);
    expect(all.map(({ type }) => type)).toEqual([
      ...(['autoflagged', 'confirmed', 'disputed', 'flagged_not_spam', 'deleted', 'undeleted'] as const),
    ]);
    const deleted = all.find(({ type }) => type === 'deleted');
    expect(deleted).toMatchObject({ model: 'posts', class: 'Post', rowId: '1', subject: 'post:1', origin: 'derived' });
    expect(deleted?.updatedAt).toBe(at(41));
    expect(deleted?.object).toMatchObject({ id: 1, title: 'Buy', user_reputation: 1, deleted_after: 41, after: 41 });
    expect(deleted?.object).toMatchObject({ uncertainty: 12, tp: 1, fp: 1, naa: 0 });
    expect(deleted?.object).not.toHaveProperty('body');
    expect(all.at(-1)?.object).toMatchObject({ after: 60, deleted_after: null, uncertainty: null });
  });

  it('include a false positive while no reviewer called it spam, and one on an autoflagged post in either order', () => {
    expect(types([post(0, {}, 'create'), vote(1, 5, 'fp-')])).toEqual(['false_positive']);
    const both = ['autoflagged', 'false_positive', 'autoflagged_false_positive', 'flagged_not_spam'];
    expect(types([post(0, {}, 'create'), autoflag, vote(1, 5, 'fp-')])).toEqual(both);
    const other = ['false_positive', 'autoflagged', 'autoflagged_false_positive', 'flagged_not_spam'];
    expect(types([post(0, {}, 'create'), vote(1, 5, 'fp-'), autoflag])).toEqual(other);
  });

  it('include the first vote on an autoflagged post that does not call it spam', () => {
    const flagged = [post(0, {}, 'create'), autoflag, vote(1, 5, 'tp')];
    expect(types(flagged)).not.toContain('flagged_not_spam');
    for (const doubt of ['naa-', 'ignore-', 'fp'])
      expect(
        types([...flagged, vote(2, 6, doubt), vote(3, 7, doubt)]).filter((type) => type === 'flagged_not_spam'),
      ).toEqual(['flagged_not_spam']);
    expect(types([post(0, {}, 'create'), vote(1, 5, 'naa')])).not.toContain('flagged_not_spam');
  });

  it('come once however often they become true, but a deletion for each change', () => {
    const again = [vote(1, 5, 'tp'), event('feedbacks', 1, 9, {}, 'destroy'), vote(2, 20, 'tp')];
    expect(types([post(0, {}, 'create'), ...again])).toEqual(['confirmed']);
    const fates = [deletion(1, 5), deletion(2, 9, false), deletion(3, 15), deletion(4, 20, false)];
    expect(types([post(0, {}, 'create'), ...fates])).toEqual(['deleted', 'undeleted', 'deleted', 'undeleted']);
  });

  it('also come for an unknown post, and not after its report was removed', () => {
    expect(types([deletion(1, 5)])).toEqual(['deleted']);
    expect(types([deletion(1, 5, false)])).toEqual(['undeleted']);
    const gone = [post(0, {}, 'create'), vote(1, 5, 'tp'), vote(2, 6, 'fp')];
    const ends = [post(9, {}, 'destroy'), event('feedbacks', 1, 9, {}, 'destroy')];
    expect(types([...gone, ...ends])).toEqual(['confirmed', 'disputed']);
  });

  it('are not made of what the first known row of an old post says, but of what happens to it then', () => {
    const hour = 3_600;
    const known = { deleted_at: at(60), autoflagged: true };
    expect(types([post(hour, known)])).toEqual([]);
    expect(types([post(hour, known), deletion(1, hour + 5, false)])).toEqual(['undeleted']);
    expect(types([post(hour, { deleted_at: null }), deletion(1, hour + 5)])).toEqual(['deleted']);
    expect(types([post(hour, known), vote(1, hour + 5, 'fp')])).toEqual([
      ...['false_positive', 'autoflagged_false_positive', 'flagged_not_spam'],
    ]);
    // An update that came before its create.
    expect(types([post(61, known), post(0, {}, 'create')])).toEqual(['deleted', 'autoflagged']);
    expect(types([post(hour, { deleted_at: at(hour) })])).toEqual(['deleted']);
  });

  it('agree in the end with the state of the post, whatever the order of arrival', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('vote' as const), verdict: fc.constantFrom('tp', 'fp', 'naa', 'ignore') }),
      fc.record({ kind: fc.constant('fate' as const), isDeleted: fc.boolean() }),
      fc.record({ kind: fc.constant('row' as const), isDeleted: fc.boolean() }),
      fc.record({ kind: fc.constant('flag' as const) }),
    );
    const life = fc.array(step, { maxLength: 12 }).map((steps) => [
      post(0, { deleted_at: null }, 'create'),
      ...steps.map((one, n) => {
        const seconds = 10 + n * 5;
        if (one.kind === 'vote') return vote(100 + n, seconds, one.verdict);
        if (one.kind === 'fate') return deletion(100 + n, seconds, one.isDeleted);
        if (one.kind === 'row') return post(seconds, { deleted_at: one.isDeleted ? at(seconds) : null });
        return { ...autoflag, rowId: String(100 + n) };
      }),
    ]);
    fc.assert(
      fc.property(
        life.chain((events) => fc.shuffledSubarray(events, { minLength: events.length })),
        (arrivals) => {
          const state = foldPost(arrivals);
          const all = types(arrivals);
          const count = (type: string) => all.filter((one) => one === type).length;
          for (const type of ['autoflagged', 'confirmed', 'disputed', 'false_positive', 'autoflagged_false_positive'])
            expect(count(type)).toBeLessThanOrEqual(1);
          expect(count('confirmed')).toBe(countVotes(state).tp > 0 ? 1 : 0);
          expect(count('autoflagged')).toBe(state.isAutoflagged ? 1 : 0);
          if (isDisputed(state)) expect(count('disputed')).toBe(1);
          if (isFalsePositive(state)) expect(count('false_positive')).toBe(1);
          if (isFalsePositive(state) && state.isAutoflagged) expect(count('autoflagged_false_positive')).toBe(1);
          const fates = all.filter((type) => type === 'deleted' || type === 'undeleted');
          for (const [n, fate] of fates.entries()) expect(fate).not.toBe(fates[n - 1]);
          if (state.fate === 'deleted') expect(fates.at(-1)).toBe('deleted');
          else expect(fates.at(-1)).not.toBe('deleted');
        },
      ),
      { seed: 20261124, numRuns: 500, verbose: true },
    );
  });

  it('include that it lingers, once', () => {
    const state = foldPost([post(0, {}, 'create')]);
    const [first, again] = [600, 700].map((s) =>
      lingering({ source: 'metasmoke', subject: 'post:1', report }, state, start + s * 1_000),
    );
    expect(first?.event.object).toMatchObject({ id: 1, after: 600, deleted_after: null });
    expect(first?.identity).toEqual(again?.identity);
  });
});

describe('the events derived about a detector', () => {
  const row = (ping: number, more: EventObject = {}) => ({ id: 7, name: 'a', last_ping: at(ping), ...more });
  const detector = (ping: number, more: EventObject = {}) => ({
    source: 'metasmoke',
    ...({ model: 'smoke_detectors', class: 'SmokeDetector', role: 'detector' } as const),
    subject: 'smoke_detector:7',
    rowId: '7',
    row: row(ping, more),
  });
  const ping = (seconds: number) => ({
    key: 'k',
    event: anEvent({ model: 'smoke_detectors', class: 'SmokeDetector', id: 7, type: 'update', object: row(seconds) }),
  });

  it('include that it is silent 180 s after its newest ping, unless it is on standby', () => {
    const now = start + 200_000;
    expect(silence(detector(20), now)).toBeNull();
    expect(silence(detector(19), now)?.event.object).toMatchObject({ name: 'a', silent_for_seconds: 181 });
    expect(silence(detector(19, { is_standby: true }), now)).toBeNull();
    expect(silence({ ...detector(0), row: {} }, now)).toBeNull();
    expect(silence(detector(0), now)?.identity).toEqual(silence(detector(0), now + 60_000)?.identity);
  });

  it('include that it is back with the first newer ping after that, and not before', () => {
    const silent = silence(detector(0), start + 200_000)!.event;
    expect(derivedOfPing(null, ping(250))).toEqual([]);
    expect(derivedOfPing(silent, ping(0))).toEqual([]);
    const [back] = derivedOfPing(silent, ping(250));
    expect(back?.event).toMatchObject({ type: 'back', origin: 'derived', object: { silent_for_seconds: 250 } });
    expect(derivedOfPing(back!.event, ping(310))).toEqual([]);
  });

  it('include that its quota is low, unless that was already sent', () => {
    const statistic = (quota: number | null) => ({
      key: 'k',
      event: anEvent({ model: 'statistics', class: 'Statistic', id: 3, object: { api_quota: quota } }),
    });
    expect(derivedOfQuota(false, statistic(1_000), 1_000)).toEqual([]);
    expect(derivedOfQuota(false, statistic(null), 1_000)).toEqual([]);
    expect(derivedOfQuota(true, statistic(999), 1_000)).toEqual([]);
    const [low] = derivedOfQuota(false, statistic(999), 1_000);
    expect(low?.event).toMatchObject({ type: 'quota_low', object: { api_quota: 999, quota_below: 1_000 } });
  });
});

it('a source is lost and back once per outage', () => {
  const loss = { name: 'metasmoke', reason: 'closed', since: start };
  const lost = sourceLost(loss, start + 120_000);
  expect(lost.event).toMatchObject({ model: 'source', subject: 'source:metasmoke', rowId: null, type: 'lost' });
  expect(lost.event.object).toEqual({ name: 'metasmoke', reason: 'closed', since: at(0), lost_for_seconds: 120 });
  expect(sourceLost(loss, start + 130_000).identity).toEqual(lost.identity);
  expect(sourceLost({ ...loss, since: start + 1 }, start + 130_000).identity).not.toEqual(lost.identity);
  expect(sourceBack(loss, start + 200_000).event.object.lost_for_seconds).toBe(200);
});
