import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { QuietRule } from '../../src/config/config.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { quietHours } from '../../src/rooms/active-mute.ts';
import { keepMutes, type MuteKeeper } from '../../src/rooms/keep-mutes.ts';
import { createMutes, type EndedMutes, type Mutes } from '../../src/rooms/mutes.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import type { Database } from '../../src/store/tables.ts';
import { weekdays } from '../../src/time/quiet-hours.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';

const hourMs = 3_600_000;
const catalogue = createCatalogue();

describe('the keeper of mutes', () => {
  let store: Store;
  let db: Database;
  let statements: number;
  let clock: TestClock;
  let mutes: Mutes;
  let ended: EndedMutes[];
  let onEnd: (one: EndedMutes) => void;
  let quiet: ReadonlyMap<number, readonly QuietRule[]>;
  let keeper: MuteKeeper | null;
  /** True while no statement has an answer. */
  let isDown: boolean;

  beforeEach(async () => {
    store = await openStore(':memory:');
    statements = 0;
    isDown = false;
    db = store.db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (isDown) throw new Error('the cable is pulled');
        statements++;
        return result;
      },
    });
    clock = createTestClock();
    quiet = new Map();
    ended = [];
    onEnd = (one) => void ended.push(one);
    mutes = createMutes({ db, isOurs: null, catalogue, onEnd: async (_, one) => onEnd(one), log: silentLog });
    keeper = null;
  });
  afterEach(async () => {
    await keeper?.stop();
    await store.close();
  });

  async function start(kept: Mutes = mutes): Promise<void> {
    await keeper?.stop();
    await mutes.load();
    const [wake, asked] = [() => {}, { byRoom: () => quiet, load: async () => {} }];
    keeper = keepMutes({ db, mutes: kept, quiet: asked, wake, clock, log: silentLog });
    await keeper.begun;
  }
  async function add(roomId: number, untilMs: number): Promise<void> {
    const now = clock.now();
    const mute = { roomId, events: null, where: null, except: null, until: now + untilMs, author: 'x', reason: null };
    await db.transaction().execute((trx) => mutes.add(trx, { ...mute, now }));
    await mutes.changed(roomId);
  }
  // The clock starts at 03:04:05 UTC.
  const hours = (from: number, to: number): QuietRule => ({
    ...{ fromMinute: from * 60, toMinute: to * 60, days: weekdays, timeZone: 'UTC', events: null, except: null },
  });

  it('looks again whatever failed in a look', async () => {
    await add(1, 60_000);
    const next = vi.fn<() => number | null>(() => {
      throw new RangeError('as of Math.min with too many numbers');
    });
    await start(Object.create(mutes, { nextEnd: { get: next } }) as Mutes);
    await clock.advance(70_000);
    expect(next.mock.calls.length).toBeGreaterThan(10);
  });

  it('starts the quiet hours of 200 rooms by few statements, and reads only what others may have changed until they may end', async () => {
    quiet = new Map(Array.from({ length: 200 }, (_, index) => [index + 1, [hours(4, 7)]]));
    await start();
    const starting = statements;
    // The mutes of all rooms, and batches of rooms: 3 of 64 and 1 of 8.
    expect(starting).toBeLessThanOrEqual(5);
    await clock.advance(hourMs);
    const begun = statements - starting;
    // The active mutes of all rooms are read once a minute.
    expect(begun).toBeLessThanOrEqual(12 + 60);
    expect([mutes.holding(1), mutes.holding(200)].map((some) => some.length)).toEqual([1, 1]);
    await clock.advance(hourMs);
    expect(statements).toBe(starting + begun + 60);
    await clock.advance(2 * hourMs);
    expect([...mutes.all()]).toEqual([]);
    expect(ended).toHaveLength(200);
  });

  it('reads the quiet hours of 200 rooms by few statements at a start in the midst of them', async () => {
    quiet = new Map(Array.from({ length: 200 }, (_, index) => [index + 1, [hours(2, 7)]]));
    await start();
    const byId = mutes.holding(7)[0]!.id;
    await db.transaction().execute((trx) => mutes.end(trx, [byId], 'a person', clock.now()));
    statements = 0;
    await start();
    // Twice as many: those that hold are read again.
    expect(statements).toBeLessThanOrEqual(9);
    expect([...mutes.all()]).toHaveLength(199);
    expect(mutes.holding(7)).toEqual([]);
  });

  it('ends those of quiet hours that no room has any more, and starts others in the same look', async () => {
    quiet = new Map([
      [1, [hours(2, 7)]],
      [2, [hours(2, 7)]],
    ]);
    await start();
    quiet = new Map([
      [1, [hours(2, 8)]],
      [3, [hours(2, 7)]],
    ]);
    await clock.advance(5_000);
    expect(ended.map(({ mutes: some }) => some[0]?.roomId)).toEqual([1, 2]);
    const left = [...mutes.all()].map(({ roomId, until, author }) => [roomId, author, new Date(until).getUTCHours()]);
    expect(left).toEqual([
      [1, quietHours, 8],
      [3, quietHours, 7],
    ]);
  });

  it('holds events back though the mutes could not be read after quiet hours had begun', async () => {
    quiet = new Map([[1, [hours(4, 7)]]]);
    const changed = vi.fn(mutes.changed).mockRejectedValueOnce(new Error('the cable is pulled'));
    await start(Object.create(mutes, { changed: { value: changed } }) as Mutes);
    // Until a look after 04:00.
    while (changed.mock.calls.length === 0) await clock.advance(1_000);
    expect(mutes.holding(1)).toEqual([]);
    await clock.advance(5_000);
    expect(mutes.holding(1)).toHaveLength(1);
  });

  it('reads the mutes again soon after they could not be read', async () => {
    await start();
    const [now, roomId] = [clock.now(), 1];
    const mute = { roomId, events: null, where: null, except: null, until: now + hourMs, author: 'x', reason: null };
    await db.transaction().execute((trx) => mutes.add(trx, { ...mute, now }));
    isDown = true;
    await expect(mutes.changed(1)).rejects.toThrow('the cable is pulled');
    isDown = false;
    expect(mutes.holding(1)).toEqual([]);
    await clock.advance(5_000);
    expect([mutes.holding(1).length, mutes.isStale]).toEqual([1, false]);
  });

  it('reads what others changed within a minute', async () => {
    await start();
    const [now, roomId] = [clock.now(), 1];
    const mute = { roomId, events: null, where: null, except: null, until: now + hourMs, author: 'x', reason: null };
    await db.transaction().execute((trx) => mutes.add(trx, { ...mute, now }));
    await clock.advance(60_000);
    expect(mutes.holding(1)).toHaveLength(1);
  });

  it('ends and starts the mutes of other rooms though those of one cannot be ended', async () => {
    for (const roomId of [1, 2, 3]) await add(roomId, 60_000);
    quiet = new Map([[4, [hours(4, 5)]]]);
    const end = onEnd;
    onEnd = (one) => {
      if (one.mutes[0]?.roomId === 1) throw new Error('the notice of room 1 cannot be written');
      end(one);
    };
    await start();
    await clock.advance(hourMs);
    expect(ended.map(({ mutes: some }) => some[0]?.roomId)).toEqual([2, 3]);
    expect([1, 2, 3, 4].map((roomId) => mutes.holding(roomId).length)).toEqual([1, 0, 0, 1]);
    onEnd = end;
    await clock.advance(5_000);
    expect(mutes.holding(1)).toEqual([]);
  });
});
