import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFilter } from '../../src/commands/events-option.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import type { NewMute } from '../../src/rooms/mute-rows.ts';
import { createMutes, type EndedMutes, type Mutes } from '../../src/rooms/mutes.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { anEvent } from '../support/events.ts';

describe('the mutes of several rooms', () => {
  const catalogue = createCatalogue();
  const now = 1_000;
  const post = anEvent({ id: 1 });
  let store: Store;
  let mutes: Mutes;
  let ended: EndedMutes[];

  beforeEach(async () => {
    store = await openStore(':memory:');
    ended = [];
    const onEnd = async (_: unknown, one: EndedMutes) => void ended.push(one);
    mutes = createMutes({ db: store.db, isOurs: null, catalogue, onEnd, log: silentLog });
  });
  afterEach(() => store.close());

  async function add(roomId: number, mute: Partial<NewMute> = {}): Promise<void> {
    const whole = { events: null, where: null, except: null, until: now + 100, author: 'x', reason: null, now };
    await store.db.transaction().execute((trx) => mutes.add(trx, { ...whole, ...mute, roomId }));
    await mutes.changed(roomId);
  }
  async function end(roomId: number, id: number): Promise<void> {
    await store.db.transaction().execute((trx) => mutes.end(trx, [id], 'y', now));
    await mutes.changed(roomId);
  }
  const heldIn = (roomId: number) => mutes.holding(roomId).map((mute) => mute.id);
  const judged = async (roomId: number, at = now) => (await mutes.judge(roomId, post, at))?.id ?? null;

  it('stop the events of their own room, and end there alone', async () => {
    await add(1);
    await add(2);
    await add(1, { until: now + 200 });
    expect([heldIn(1), heldIn(2), heldIn(3)]).toEqual([[1, 3], [2], []]);
    expect(await Promise.all([judged(1), judged(2), judged(3)])).toEqual([3, 2, null]);
    await end(1, 3);
    expect([heldIn(1), heldIn(2)]).toEqual([[1], [2]]);
    expect(await Promise.all([judged(1), judged(2)])).toEqual([1, 2]);
    await end(1, 1);
    expect([heldIn(1), heldIn(2)]).toEqual([[], [2]]);
    expect(await Promise.all([judged(1), judged(2)])).toEqual([null, 2]);
  });

  it('evaluate no condition for an event in another room', async () => {
    await add(1, { events: 'posts', where: 'object.user_reputation < 5' });
    expect(await judged(2)).toBe(null);
    expect(mutes.conditionsFailed).toBe(0);
    expect(await judged(1)).toBe(null);
    expect(mutes.conditionsFailed).toBe(1);
  });

  it('let through the events of their exception, derived ones included, and hold the others', async () => {
    await add(1, { except: 'posts#autoflagged_false_positive;feedbacks' });
    const derived = anEvent({ id: 1, type: 'autoflagged_false_positive' });
    expect(await mutes.judge(1, derived, now)).toBe(null);
    expect(await mutes.judge(1, anEvent({ model: 'feedbacks', id: 2 }), now)).toBe(null);
    expect(await judged(1)).toBe(1);
  });

  it('hold an event that another mute excepts', async () => {
    await add(1, { except: 'posts' });
    expect(await judged(1)).toBe(null);
    await add(1, { events: 'posts' });
    expect(await judged(1)).toBe(2);
  });

  it('stop nothing if their exception cannot be read', async () => {
    await add(1, { except: 'posts#forgotten' });
    expect(await judged(1)).toBe(null);
    expect(heldIn(1)).toEqual([1]);
  });

  it('pass events on to a mute of the same room, never to one of another', async () => {
    await add(1);
    await add(2);
    await end(1, 1);
    expect(ended.map(({ handOn }) => handOn)).toEqual([null]);
    await add(2, { events: 'posts' });
    await add(2, { events: 'feedbacks' });
    await end(2, 2);
    expect(await ended[1]?.handOn?.(post)).toBe(3);
  });

  it('exceed the size of conditions in their own room only', async () => {
    /** Its pattern has a size of about 420. */
    const large = (n: number) => `object.body.matches("(a[ab]{0,${100 + n}}){2}[0-9]$")`;
    for (let n = 0; n < 5; n++) await add(1, { events: 'posts', where: large(n) });
    const filter = readFilter({ catalogue, sites: () => [] }, 'posts', large(5));
    if (filter.outcome === 'refused') throw new Error('the test has a wrong condition');
    expect(mutes.tooMuch(1, filter.events, filter.condition)).toMatchObject({ room: '1', event: 'posts#create' });
    expect(mutes.tooMuch(2, filter.events, filter.condition)).toBe(null);
  });

  it('are over in whichever room, and the first of them says when the next one ends', async () => {
    await add(1, { until: now + 300 });
    await add(2, { until: now + 100 });
    expect(mutes.nextEnd).toBe(now + 100);
    expect(mutes.over(now + 150).map(({ id }) => id)).toEqual([2]);
    expect(mutes.over(now + 300).map(({ id }) => id)).toEqual([1, 2]);
    await end(2, 2);
    expect(mutes.nextEnd).toBe(now + 300);
  });
});
