import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findAnswer, storeAnswer } from '../../../src/commands/handled.ts';
import { keepName } from '../../../src/rooms/people.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { troubleOf } from '../../../src/store/trouble.ts';
import { createWriter } from '../../../src/store/writer.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { onServer } from '../../support/postgres/on-server.ts';

let store: Store;
let database: string;
beforeEach(async () => {
  store = await openStore(':memory:');
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(store.db);
  database = rows[0]!.name;
});
afterEach(() => store.close());

/** Ends every connection to the database, as a restart or an administrator does. */
const cut = () =>
  onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and pid <> pg_backend_pid()`,
  );
const names = async () =>
  (await store.db.selectFrom('people').select('name').orderBy('id').execute()).map((row) => row.name);
const troubleIn = async (work: Promise<unknown>) => troubleOf(await work.catch((err: unknown) => err));

it('a connection that ends within a transaction fails it, and the next one has another', async () => {
  const work = store.db.transaction().execute(async (trx) => {
    await keepName(trx, 'matrix', { id: '@a:a.org', name: 'A' });
    await cut();
    await keepName(trx, 'matrix', { id: '@b:a.org', name: 'B' });
  });
  expect(await troubleIn(work)).toBe('unreachable');
  await store.db.transaction().execute((trx) => keepName(trx, 'matrix', { id: '@c:a.org', name: 'C' }));
  expect(await names()).toEqual(['C']);
});

it('a connection that ends while it is idle is replaced', async () => {
  await cut();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await names()).toEqual([]);
});

it('a commit without an answer fails all that it had, and may be repeated', async () => {
  await sql`create function cut() returns trigger language plpgsql as $$
    begin if new.name = 'cut' then perform pg_terminate_backend(pg_backend_pid()); end if; return null; end $$`.execute(
    store.db,
  );
  await sql`create constraint trigger at_commit after insert on people deferrable initially deferred
    for each row execute function cut()`.execute(store.db);
  const writer = createWriter(store.db, systemClock);
  const both = await Promise.all(
    ['A', 'cut'].map((name) => troubleIn(writer.write((trx) => keepName(trx, 'matrix', { id: `@${name}`, name })))),
  );
  expect(both).toEqual(['unreachable', 'unreachable']);
  await writer.write((trx) => keepName(trx, 'matrix', { id: '@A', name: 'A' }));
  expect(await names()).toEqual(['A']);
});

it('a commit whose answer is lost is known to have been made', async () => {
  const real = pg.Client.prototype.query as (...given: unknown[]) => Promise<unknown>;
  const query = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(async function cutAfterCommit(
    this: pg.Client,
    ...given: unknown[]
  ) {
    const answer = await real.apply(this, given);
    if ((given[0] as { text?: string }).text !== 'commit') return answer;
    query.mockRestore();
    this.connection.stream.destroy();
    throw new Error('Connection terminated unexpectedly');
  } as typeof real);
  const writer = createWriter(store.db, systemClock);
  await writer.write((trx) => keepName(trx, 'matrix', { id: '@A', name: 'A' }));
  expect(await names()).toEqual(['A']);
});

it('a database that lets no one in any more is a trouble of the database, until it does', async () => {
  await onServer(`alter database ${database} allow_connections false`);
  await cut();
  expect(await troubleIn(names())).toBe('refused');
  await onServer(`alter database ${database} allow_connections true`);
  expect(await names()).toEqual([]);
});

it('what PostgreSQL has no text for is stored without it, and found by it', async () => {
  await store.db.transaction().execute((trx) => keepName(trx, 'matrix', { id: '@a', name: 'a\0b\ud800' }));
  expect(await names()).toEqual(['a\ufffdb\ufffd']);
  const key = 'k\0\udc00';
  await store.db.transaction().execute((trx) => storeAnswer(trx, key, { text: [] } as never, 1));
  expect(await findAnswer(store.db, key)).not.toBeNull();
});
