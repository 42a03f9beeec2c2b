import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { keepMutes, type MuteKeeper } from '../../src/rooms/keep-mutes.ts';
import { createMutes, type Mutes } from '../../src/rooms/mutes.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';

const catalogue = createCatalogue();

describe('the keeper of mutes', () => {
  let store: Store;
  let clock: TestClock;
  let mutes: Mutes;
  let keeper: MuteKeeper | null;

  beforeEach(async () => {
    store = await openStore(':memory:');
    clock = createTestClock();
    const { db } = store;
    mutes = createMutes({ db, isOurs: null, catalogue, onEnd: async () => {}, log: silentLog });
    keeper = null;
  });
  afterEach(async () => {
    await keeper?.stop();
    await store.close();
  });

  async function start(kept: Mutes = mutes): Promise<void> {
    await keeper?.stop();
    await mutes.load();
    const [wake, asked] = [() => {}, () => new Map()];
    keeper = keepMutes({ db: store.db, mutes: kept, quiet: asked, wake, clock, log: silentLog });
    await keeper.begun;
  }
  async function add(roomId: number, untilMs: number): Promise<void> {
    const now = clock.now();
    const mute = { roomId, events: null, where: null, except: null, until: now + untilMs, author: 'x', reason: null };
    await store.db.transaction().execute((trx) => mutes.add(trx, { ...mute, now }));
    await mutes.changed(roomId);
  }
  it('looks again whatever failed in a look', async () => {
    await add(1, 60_000);
    const next = vi.fn<() => number | null>(() => {
      throw new RangeError('as of Math.min with too many numbers');
    });
    await start(Object.create(mutes, { nextEnd: { get: next } }) as Mutes);
    await clock.advance(70_000);
    expect(next.mock.calls.length).toBeGreaterThan(10);
  });
});
