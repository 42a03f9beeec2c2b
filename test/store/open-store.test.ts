import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, describe, expect, it } from 'vitest';
import { outboxMigration } from '../../src/store/migrations/0001-outbox.ts';
import { gapsMigration } from '../../src/store/migrations/0005-gaps.ts';
import { sourcesMigration } from '../../src/store/migrations/0008-sources.ts';
import { heardUntilMigration } from '../../src/store/migrations/0010-heard-until.ts';
import { cardColumnsMigration } from '../../src/store/migrations/0014-card-columns.ts';
import { rolesMigration } from '../../src/store/migrations/0015-roles.ts';
import { postLinksMigration } from '../../src/store/migrations/0018-post-links.ts';
import { userNamesMigration } from '../../src/store/migrations/0020-user-names.ts';
import { reportDetailsMigration } from '../../src/store/migrations/0021-report-details.ts';
import type { Migration } from '../../src/store/migrations/migration.ts';
import { migrate, migrations } from '../../src/store/migrations.ts';
import { openExistingStore, openStore } from '../../src/store/open-store.ts';
import { openSqlite, sqliteDialect } from '../../src/store/sqlite-dialect.ts';
import { NewerDatabaseError, StoreError, StoreUnreadableError } from '../../src/store/store-errors.ts';
import type { Database, Tables } from '../../src/store/tables.ts';
import { placeOf } from '../../src/subjects/order.ts';
import { systemClock } from '../../src/time/clock.ts';
import { catalogue, roleOf } from '../support/the-catalogue.ts';

const patience = { clock: systemClock, hurry: new AbortController().signal, watch: null };
const folders: string[] = [];
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'lookout-store-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

describe('the store', () => {
  it('opens a new file and opens it again', async () => {
    const file = join(folder(), 'a.db');
    await (await openStore(file)).close();
    const store = await openStore(file);
    expect(await store.db.selectFrom('events').selectAll().execute()).toEqual([]);
    await store.close();
  });

  it('in memory has the schema of a file, and no row of another one in memory', async () => {
    const schemaOf = async (file: string) => {
      const store = await openStore(file);
      const { rows } = await sql`select type, name, sql from sqlite_schema order by name`.execute(store.db);
      await sql`insert into sites (id, name, domain, fetched_at) values (1, 'A', 'a.org', 0)`.execute(store.db);
      await store.close();
      return [store.schema, rows];
    };
    const ofFile = await schemaOf(join(folder(), 'a.db'));
    expect(await schemaOf(':memory:')).toEqual(ofFile);
    expect(await schemaOf(':memory:')).toEqual(ofFile);
  });

  it('commits with synchronous=FULL in WAL mode, so that received events survive a power cut', async () => {
    const store = await openStore(join(folder(), 'a.db'));
    const mode = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(store.db);
    const sync = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(store.db);
    expect([mode.rows[0]?.journal_mode, sync.rows[0]?.synchronous]).toEqual(['wal', 2]);
    await store.close();
  });

  it('reopens gaps that an older version of Lookout did not fetch completely', async () => {
    const db = new Kysely<never>({ dialect: sqliteDialect(openSqlite(':memory:'), patience) });
    for (const step of [gapsMigration, sourcesMigration]) await step.up(db);
    await sql`insert into gaps (source, from_at, until_at, reason, lost, fetched)
      values ('s', 1, 2, 'closed', null, 7), ('s', 3, 4, 'closed', null, null)`.execute(db);
    await sql`insert into sources (name, first_heard_at) values ('s', 1)`.execute(db);
    await heardUntilMigration.up(db);
    const { rows: gaps } = await sql`select open_from, tries, problem, told_at from gaps`.execute(db);
    expect(gaps).toEqual([
      { open_from: null, tries: 0, problem: null, told_at: null },
      { open_from: 3, tries: 0, problem: null, told_at: null },
    ]);
    const { rows: sources } = await sql`select heard_until from sources`.execute(db);
    expect(sources).toEqual([{ heard_until: null }]);
    await db.destroy();
  });

  it('keeps the facts and reactions that an older version of Lookout stored for a card', async () => {
    const { file, old } = await storeBefore(cardColumnsMigration);
    const told = [
      '[]',
      '["tp:1","deleted"]',
      '[{"emoji":"👍","id":"$1"},{"emoji":"⚫","id":""}]',
      '["tp:1",{"emoji":"👍","id":"$1"}]',
    ];
    for (const [n, list] of told.entries())
      await sql`insert into cards (room_id, subject, state, subscription, options, told, created_at)
        values (1, ${`post:${n}`}, 'open', 's', '{}', ${list}, 1)`.execute(old);
    await old.destroy();

    const store = await openStore(file);
    const rows = await store.db.selectFrom('cards').select(['announced', 'reactions']).orderBy('subject').execute();
    expect(rows).toEqual([
      { announced: '[]', reactions: '[]' },
      { announced: '["tp:1","deleted"]', reactions: '[]' },
      { announced: '[]', reactions: '[{"emoji":"👍","id":"$1"},{"emoji":"⚫","id":""}]' },
      { announced: '["tp:1"]', reactions: '[{"emoji":"👍","id":"$1"}]' },
    ]);
    await store.close();
  });

  it.each([
    `select id from events where role = 'report' and row_id = ? limit 1`,
    `select subject from events where role = 'review_item' and row_id = ? and source = ? and subject like 'post:%'`,
    `select type from events where role = 'statistic' order by id desc limit 1`,
    `select id from events where subject = ? and role = 'report' and type = 'create' order by id limit 1`,
    `select id from sends where settled_at < ? limit 200`,
    `select subject from post_details where fetched_at < ? limit 200`,
    `select id from mutes where room_id = ? and author = ? and until > ?`,
    `select id from rooms where account = ?`,
  ])('finds a row without reading all of them: %s', async (query) => {
    const store = await openStore(join(folder(), 'a.db'));
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query.replaceAll('?', `'1'`))}`.execute(
      store.db,
    );
    expect(rows.map(({ detail }) => detail).join()).toMatch(/USING (?:COVERING )?INDEX/);
    await store.close();
  });

  it('gives a role to the events and the rows of posts that an older version of Lookout stored', async () => {
    const { file, old } = await storeBefore(rolesMigration);
    const models = [...catalogue.names, 'things'];
    for (const model of models)
      await sql`insert into events (source, model, class, row_id, type, subject, received_at, origin, object, state)
        values ('s', ${model}, 'X', '1', 'create', 'post:1', 1, 'live', '{}', 'routed')`.execute(old);
    for (const model of ['posts', 'feedbacks', 'review_results'])
      await sql`insert into post_rows (subject, model, row_id, layers, is_destroyed, first_at, made_at, row_number, counts)
        values ('post:1', ${model}, '1', '[]', 0, 1, 1, 1, 1)`.execute(old);
    await old.destroy();

    const store = await openStore(file);
    const events = await store.db.selectFrom('events').select(['model', 'role']).orderBy('id').execute();
    expect(events).toEqual(models.map((model) => ({ model, role: roleOf(model) })));
    const rows = await store.db.selectFrom('post_rows').select('role').orderBy('role').execute();
    expect(rows.map(({ role }) => role)).toEqual(['report', 'review', 'vote']);
    await store.close();
  });

  it('finds the newest names of users in the votes that an older version of Lookout stored', async () => {
    const { file, old } = await storeBefore(userNamesMigration);
    const votes = [
      '{"user_id":5,"user_name":"Ann"}',
      '{"user_id":5,"user_name":"Anna"}',
      '{"user_id":5,"user_name":null}',
    ];
    for (const object of [...votes, '{"user_id":null,"user_name":"Bob"}'])
      await sql`insert into events (source, model, class, role, type, subject, received_at, origin, object, state)
        values ('s', 'feedbacks', 'Feedback', 'vote', 'create', 'post:1', 1, 'live', ${object}, 'routed')`.execute(old);
    await old.destroy();
    const store = await openStore(file);
    expect(await store.db.selectFrom('user_names').selectAll().execute()).toEqual([{ id: '5', name: 'Anna' }]);
    await store.close();
  });

  it('finds the links of reports, and the reports that were left out, in what an older version of Lookout stored', async () => {
    const { file, old } = await storeBefore(postLinksMigration);
    const events = [
      ['1', 'report', 'live', '{"link":"//a.com/q/1"}'],
      ['2', 'report', 'live', '{"link":"https://a.com/q/1"}'],
      ['2', 'report', 'backfilled', '{"link":"http://a.com/q/2"}'],
      ['3', 'report', 'live', '{"link":null}'],
      ['4', 'report', 'derived', '{"link":"//a.com/q/1"}'],
      ['5', 'vote', 'live', '{"link":"//a.com/q/1"}'],
    ] as const;
    for (const [id, role, origin, object] of events)
      await sql`insert into events (source, model, class, role, row_id, type, subject, received_at, origin, object, state)
        values ('s', 'posts', 'Post', ${role}, ${id}, 'create', ${`post:${id}`}, 1, ${origin}, ${object}, 'routed')`.execute(
        old,
      );
    await sql`insert into rooms (id, key, address, name, platform, configured) values (1, 'a', 'a', 'a', 'matrix', 1)`.execute(
      old,
    );
    const deliveries = [
      ['sent', null, 'https://a.com/q/1'],
      ['cancelled', 'the same post was reported as post:1 before', '//a.com/q/1'],
      ['cancelled', 'held, and cancelled since subject.deleted', null],
    ] as const;
    for (const [index, [state, reason, link]] of deliveries.entries())
      await sql`insert into deliveries (event_id, room_id, subject, state, reason, link, subscription, options, due_at, order_rank, priority, alone, attempts, counted_ms)
        values (${index + 1}, 1, 'post:1', ${state}, ${reason}, ${link}, 's', '{}', 0, 0, 0, 0, 0, 0)`.execute(old);
    await old.destroy();

    const store = await openStore(file);
    const links = await store.db.selectFrom('post_links').selectAll().orderBy('subject').execute();
    expect(links).toEqual([
      { subject: 'post:1', link: '//a.com/q/1' },
      { subject: 'post:2', link: '//a.com/q/2' },
    ]);
    const rows = await store.db.selectFrom('deliveries').select(['left_out_for', 'link']).orderBy('id').execute();
    expect(rows).toEqual([
      { left_out_for: null, link: '//a.com/q/1' },
      { left_out_for: 'post:1', link: '//a.com/q/1' },
      { left_out_for: null, link: null },
    ]);
    await store.close();
  });

  it('finds the authors of reports in what an older version of Lookout stored', async () => {
    const { file, old } = await storeBefore(reportDetailsMigration);
    const events = [
      ['1', 'report', 'live', '{"user_link":"//A.com/u/5"}'],
      ['2', 'report', 'live', '{"user_link":"//a.com/users/5"}'],
      ['2', 'report', 'backfilled', '{"user_link":"https://a.com/users/6/ada"}'],
      ['3', 'report', 'live', '{"user_link":null}'],
      ['4', 'report', 'derived', '{"user_link":"//a.com/users/5"}'],
      ['x', 'report', 'live', '{"user_link":"//a.com/users/5"}'],
      ['5', 'vote', 'live', '{"user_link":"//a.com/users/5"}'],
    ] as const;
    for (const [id, role, origin, object] of events)
      await sql`insert into events (source, model, class, role, row_id, type, subject, received_at, origin, object, state)
        values ('s', 'posts', 'Post', ${role}, ${id}, 'create', ${`post:${id}`}, 1, ${origin}, ${object}, 'routed')`.execute(
        old,
      );
    await old.destroy();

    const store = await openStore(file);
    const authors = await store.db.selectFrom('post_authors').selectAll().orderBy('subject').execute();
    expect(authors).toEqual([
      { subject: 'post:1', author: 'a.com/users/5', post_number: 1 },
      { subject: 'post:2', author: 'a.com/users/6', post_number: 2 },
    ]);
    await store.close();
  });

  it('gives deliveries that an older version of Lookout left waiting their places in the order', async () => {
    const file = join(folder(), 'a.db');
    const old = new Kysely<never>({ dialect: sqliteDialect(openSqlite(file), patience) });
    const migrations = { [outboxMigration.name]: outboxMigration };
    await new Migrator({ db: old, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    await sql`insert into rooms (id, key, address, name, platform, configured, lease_until)
      values (1, 'a', 'a', 'a', 'matrix', 1, 0)`.execute(old);
    const rows = [
      { type: 'create', updatedAt: '2026-01-02T03:04:05.678Z' },
      { type: 'update', updatedAt: null },
      { type: 'destroy', updatedAt: '2026-01-02T03:04:05.678Z' },
    ] as const;
    for (const [n, { type, updatedAt }] of rows.entries()) {
      await sql`insert into events (id, source, model, class, row_id, type, subject, updated_at, received_at, origin, object, state)
        values (${n + 1}, 's', 'posts', 'Post', '1', ${type}, 'post:1', ${updatedAt}, 7, 'live', '{}', 'routed')`.execute(
        old,
      );
      await sql`insert into deliveries (event_id, room_id, subject, state, subscription, options, due_at, attempts, counted_ms)
        values (${n + 1}, 1, 'post:1', 'waiting', 's', '{}', 0, 0, 0)`.execute(old);
    }
    await old.destroy();
    const store = await openStore(file);
    const places = await store.db.selectFrom('deliveries').select(['order_at as at', 'order_rank as rank']).execute();
    expect(places).toEqual(
      rows.map((row) => {
        const { at, rank } = placeOf({ ...row, role: 'report', origin: 'live', object: {}, receivedAt: 7 });
        return { at, rank };
      }),
    );
    await store.close();
  });

  it('rejects a database of a newer version of Lookout and leaves it unchanged', async () => {
    const file = join(folder(), 'a.db');
    const store = await openStore(file);
    await sql`insert into kysely_migration (name, timestamp) values ('0999-later', '2030-01-01T00:00:00.000Z')`.execute(
      store.db,
    );
    await store.close();
    await expect(openStore(file)).rejects.toThrow(NewerDatabaseError);
    await expect(openStore(file)).rejects.toThrow(/written by a newer Lookout \(it has 0999-later\): update Lookout/);
  });

  it.each([
    [
      'a file that is not a database',
      (at: string) => writeFileSync(at, 'not a database, but long enough to look at'.repeat(99)),
    ],
    ['a file in a folder that does not exist', () => {}],
  ])('says what to check for %s', async (what, prepare) => {
    const at = what.includes('folder') ? join(folder(), 'none', 'a.db') : join(folder(), 'a.db');
    prepare(at);
    await expect(openStore(at)).rejects.toThrow(StoreUnreadableError);
  });

  it('says to the reader of dead letters that there was no run yet, and creates no file', async () => {
    const file = join(folder(), 'a.db');
    await expect(openExistingStore(file)).rejects.toThrow(StoreError);
    await expect(openExistingStore(file)).rejects.toThrow(/`lookout run` creates it/);
  });

  it('creates all tables or none: a full disk at the first start does not affect the second', async () => {
    const file = join(folder(), 'a.db');
    for (const pages of [3, 10, 20, 30]) {
      const sqlite = openSqlite(file);
      sqlite.exec(`pragma max_page_count = ${pages}`);
      const db: Database = new Kysely<Tables>({ dialect: sqliteDialect(sqlite, patience) });
      await expect(migrate(db, file)).rejects.toThrow(/full/);
      await db.destroy();
    }
    const store = await openStore(file);
    expect(await store.db.selectFrom('gaps').selectAll().execute()).toEqual([]);
    await store.close();
  });

  it('reports a full disk', async () => {
    const store = await openStore(join(folder(), 'a.db'));
    await sql`create table big (a text)`.execute(store.db);
    await sql`pragma max_page_count = 60`.execute(store.db);
    const fill = store.db.transaction().execute((trx) => sql`insert into big values (${'x'.repeat(1e6)})`.execute(trx));
    await expect(fill).rejects.toThrow(/full/);
    await store.db.transaction().execute((trx) => sql`insert into big values ('small')`.execute(trx));
    await store.close();
  });
});

/** Makes a store as it was before a migration. */
async function storeBefore(migration: Migration): Promise<{ readonly file: string; readonly old: Kysely<never> }> {
  const file = join(folder(), 'a.db');
  const old = new Kysely<never>({ dialect: sqliteDialect(openSqlite(file), patience) });
  const before = migrations.slice(0, migrations.indexOf(migration));
  const steps = Object.fromEntries(before.map((step) => [step.name, step]));
  await new Migrator({ db: old, provider: { getMigrations: async () => steps } }).migrateToLatest();
  return { file, old };
}
