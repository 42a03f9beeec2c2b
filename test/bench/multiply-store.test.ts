import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { multiplyStore } from './multiply-store.ts';

it('a store that is multiplied has copies with ids of their own, and everything in them refers to a row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-multiply-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'lookout.db');
  await (await openStore(file)).close();
  const rows = (sql: string) => {
    const database = new DatabaseSync(file);
    const found = database.prepare(sql).all();
    database.close();
    return found;
  };
  const numbers = 'with recursive n (i) as (select 1 union all select i + 1 from n where i < 60)';
  rows("insert into rooms (key, address, name, platform, configured) values ('a', 'a', 'a', 'matrix', 1)");
  rows(
    `${numbers} insert into events (source, model, class, type, subject, received_at, origin, object, state, identity)
     select 'metasmoke', 'posts', 'Post', 'create', 'post:' || i, i, 'live', '{}', 'routed', 'create ' || i from n`,
  );
  rows(
    `${numbers} insert into deliveries (event_id, room_id, subject, state, subscription, options, due_at, attempts, counted_ms)
     select i, 1, 'post:' || i, 'sent', 's', '{}', i, 1, 0 from n`,
  );
  const indexes = "select name, sql from sqlite_master where type = 'index' order by name";
  const before = rows(indexes);
  multiplyStore(file, 240);
  expect(rows('select count(*) as n, max(id) as last, count(distinct identity) as identities from events')).toEqual([
    { n: 240, last: 240, identities: 240 },
  ]);
  expect(rows('select count(*) as n, count(distinct event_id) as events from deliveries')).toEqual([
    { n: 240, events: 240 },
  ]);
  expect(rows('select count(*) as n from rooms')).toEqual([{ n: 1 }]);
  expect(rows('pragma foreign_key_check')).toEqual([]);
  expect(rows(indexes)).toEqual(before);
});
