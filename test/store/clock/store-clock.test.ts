import type { PluginTransformQueryArgs, PluginTransformResultArgs } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { keepStoreClock, readStoreClock } from '../../../src/store/clock/store-clock.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { itOnSqlite } from '../../support/postgres/it-on-sqlite.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

const minute = 60_000;
const never = new AbortController().signal;
let store: Store;
let machine: TestClock;
beforeEach(async () => {
  store = await openStore(':memory:');
  machine = createTestClock();
});
afterEach(() => store.close());

const savedAt = async () => (await store.db.selectFrom('store_clock').select('store_at').executeTakeFirst())?.store_at;
const write = () =>
  store.db
    .insertInto('greetings')
    .values({ address: `a${machine.now()}`, at: 0 })
    .execute();

itOnSqlite('is not written while nothing else is, and at most once a minute then', async () => {
  const kept = await keepStoreClock({ db: store.db, clock: machine, log: silentLog, isFollowed: false });
  const first = await savedAt();
  await machine.advance(60 * minute);
  expect(await savedAt()).toBe(first);
  await write();
  await machine.advance(minute);
  const second = await savedAt();
  expect(second).toBe(kept.clock.now());
  await write();
  await machine.advance(minute / 2);
  expect(await savedAt()).toBe(second);
  await machine.advance(60 * minute);
  expect(await savedAt()).toBe((second ?? 0) + minute);
  await kept.stop(never);
  expect(await savedAt()).toBe(kept.clock.now());
  expect(machine.pending).toBe(0);
});

it('is written when the wall clock was set, and read by a process that only looks', async () => {
  const kept = await keepStoreClock({ db: store.db, clock: machine, log: silentLog, isFollowed: false });
  machine.set(-60 * minute);
  await machine.advance(minute);
  expect(await savedAt()).toBe(kept.clock.now());
  await machine.advance(5 * minute);
  const looking = await readStoreClock({ db: store.db, clock: machine });
  expect(looking.now()).toBe(kept.clock.now());
  expect(looking.wall()).toBe(kept.clock.now() - 60 * minute);
  await kept.stop(never);
});

it('is not behind by the time that its queries take', async () => {
  const first = await keepStoreClock({ db: store.db, clock: machine, log: silentLog, isFollowed: false });
  await first.stop(never);
  let looks = 0;
  // The clocks go on while a query runs: only what is read after the rows counts.
  const slow = { ...machine, wall: () => machine.wall() + looks };
  const plugin = {
    transformQuery: ({ node }: PluginTransformQueryArgs) => node,
    async transformResult({ result }: PluginTransformResultArgs) {
      looks += 400;
      return result;
    },
  };
  const db = store.db.withPlugin(plugin);
  const looking = await readStoreClock({ db, clock: { ...slow, boot: () => null } });
  expect(looks).toBe(800);
  expect(looking.now()).toBe(machine.wall() + 800);
});
