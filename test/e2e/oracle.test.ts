import { describe, expect, it } from 'vitest';
import { createEventGenerator } from './support/events.ts';
import { complaints, expectationOf, markOf } from './support/oracle.ts';
import type { WireEvent } from './support/rails-server.ts';
import { createRandom } from './support/random.ts';
import type { Recorded } from './support/recorder.ts';
import { models } from './support/rows.ts';

const expectedOf = (recorded: readonly Recorded[]) => expectationOf(recorded).expected();

/** Tests the judge: it must find every fault, or the end-to-end tests could not fail. */
describe('the oracle', () => {
  const wire = (
    event_type: WireEvent['event_type'],
    event_class: string,
    second: number,
    e2e: string,
    more = {},
  ): WireEvent => ({
    event_type,
    event_class,
    object: { id: 7, updated_at: `2026-01-01T00:00:0${second}.000Z`, e2e, ...more },
  });
  const create = wire('create', 'Post', 1, 'a');
  const first = wire('update', 'Post', 2, 'b');
  const second = wire('update', 'Post', 3, 'c');
  const destroy = wire('destroy', 'Post', 3, 'c');
  const arrived = (...events: WireEvent[]) => expectedOf(events.map((event, index) => ({ event, at: 1000 + index })));
  const showing = (...events: WireEvent[]) => events.map((event) => ({ mark: markOf(event), at: 60_000 }));

  it('accepts each event once, in order', () => {
    expect(complaints(arrived(create, first, second, destroy), showing(create, first, second, destroy))).toEqual([]);
  });

  it('finds an event that the room does not show', () => {
    expect(complaints(arrived(create, first), showing(create))).toEqual([`lost: ${markOf(first)}`]);
  });

  it('finds one that is shown twice, and one that was never sent', () => {
    const wrong = complaints(arrived(create), showing(create, create, first));
    expect(wrong).toEqual([`twice: ${markOf(create)}`, `never received: ${markOf(first)}`]);
  });

  it('expects a repeated event only once, whatever the order of its columns', () => {
    const again = { ...first, object: Object.fromEntries(Object.entries(first.object).reverse()) };
    expect(arrived(create, first, again, create).map((event) => event.mark)).toEqual([markOf(create), markOf(first)]);
  });

  it('expects an older update first although it arrived later, if both waited', () => {
    expect(complaints(arrived(create, second, first), showing(create, first, second))).toEqual([]);
    expect(complaints(arrived(create, second, first), showing(create, second, first))).toHaveLength(1);
  });

  it('accepts a wrong order if one of the two came too late', () => {
    const expected = expectedOf([
      { event: create, at: 1000 },
      { event: second, at: 1001 },
      { event: first, at: 70_000 },
    ]);
    expect(complaints(expected, showing(create, second, first))).toEqual([]);
  });

  it('never accepts an update before its post that came a moment later', () => {
    const shown = [first, create].map((event) => ({ mark: markOf(event), at: 1000 }));
    expect(complaints(arrived(first, create), shown)).toHaveLength(1);
  });

  it('expects a feedback after its post', () => {
    const feedback = wire('create', 'Feedback', 2, 'f', { id: 9, post_id: 7 });
    expect(complaints(arrived(create, feedback), showing(feedback, create))).toHaveLength(1);
  });

  it('knows that an update which came after its destroy is before it, and before everything behind that', () => {
    const late = wire('update', 'Post', 2, 'b');
    const gone = wire('destroy', 'Feedback', 2, 'f', { id: 9, post_id: 7 });
    expect(complaints(arrived(destroy, gone, late), showing(late, destroy, gone))).toEqual([]);
    expect(complaints(arrived(destroy, gone, late), showing(destroy, gone, late))).toHaveLength(1);
  });

  it('knows that a destroy is behind everything that came before it, and so behind older events that came later', () => {
    const flag = wire('create', 'FlagLog', 1, 'f', { id: 8, post_id: 7 });
    const newer = wire('create', 'FlagLog', 5, 'g', { id: 9, post_id: 7 });
    const expected = arrived(create, newer, destroy, flag);
    expect(complaints(expected, showing(create, flag, newer, destroy))).toEqual([]);
    expect(complaints(expected, showing(create, flag, destroy, newer))).not.toEqual([]);
  });

  it('knows the same over several of them: an old create that came last, a newer one, its destroy, a destroy behind that', () => {
    const gone = wire('destroy', 'FlagLog', 1, 'f', { id: 8, post_id: 7 });
    const old = wire('create', 'ReviewItem', 0, 'r', { reviewable_type: 'Post', reviewable_id: 7, id: 9 });
    const expected = arrived(destroy, gone, create, old);
    expect(complaints(expected, showing(old, create, destroy, gone))).toEqual([]);
    expect(complaints(expected, showing(create, old, destroy, gone))).not.toEqual([]);
  });

  it('accepts any place of an event that was fetched without a time', () => {
    const fetched: Recorded = { event: { ...create, object: { id: 7 } }, at: Number.POSITIVE_INFINITY };
    const expected = expectedOf([{ event: first, at: 1000 }, fetched]);
    expect(complaints(expected, showing(fetched.event, first))).toEqual([]);
  });

  it('does not compare two subjects', () => {
    const other = wire('create', 'Post', 1, 'z', { id: 8 });
    expect(complaints(arrived(create, other), showing(other, create))).toEqual([]);
  });
});

describe('the event generator', () => {
  it('generates the same events for the same seed, of every model and type, some twice and some out of order', () => {
    const take = (seed: number) => createEventGenerator(createRandom(seed), 1_800_000_000).take(600);
    const events = take(5);
    expect(take(5)).toEqual(events);
    expect(new Set(events.map((event) => event.event_class)).size).toBe(models.length);
    expect(new Set(events.map((event) => event.event_type)).size).toBe(3);
    const expected = expectedOf(events.map((event, at) => ({ event, at })));
    expect(expected.length).toBeGreaterThanOrEqual(480);
    expect(expected.length).toBeLessThan(600);
    expect(new Set(expected.map((event) => event.mark)).size).toBe(expected.length);
    expect(
      complaints(
        expected,
        expected.map(({ mark }) => ({ mark, at: Number.MAX_SAFE_INTEGER })),
      ),
    ).not.toEqual([]);
  });
});
