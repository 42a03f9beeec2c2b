import { inspect } from 'node:util';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { connect } from '../../../src/store/postgres/connection.ts';
import { describePostgres } from '../../../src/store/postgres/describe-postgres.ts';
import { takeLease } from '../../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { testServer } from '../../support/postgres/on-server.ts';

const password = new Secret('hunter2-of-the-database', 'store');

it('the description for a bug report has every part, and no password', async () => {
  const store = await openStore(':memory:');
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(store.db);
  const missing = sql<{ missing: string }>`select name as missing from unnest(array['leases', 'processes']) as name
    where to_regclass(name) is null`;
  const { rows: tables } = await missing.execute(store.db);
  const described = JSON.stringify(await describePostgres({ ...testServer, password, database: rows[0]!.name }));
  // A process that works makes these tables.
  const problems = described.match(/"problem":"[^"]*/g) ?? [];
  expect(problems).toHaveLength(tables.length);
  expect(described).not.toContain('hunter2');
  await store.close();
});

it('an error of the server quotes no row, in the log neither', async () => {
  const connection = await connect({ ...testServer, database: 'template_lookout' }, 'test');
  let logged = '';
  const log = createLog({
    write: (line) => {
      logged += line;
    },
    ...{ forPeople: false, color: false, level: 'debug', secrets: () => [] },
  });
  await connection.query('create temporary table notes (text text unique)');
  await connection.query('insert into notes (text) values ($1)', ['a private row']);
  const twice = "insert into notes (text) values ('a private row')";
  // The statement of a function is an internal query.
  const inside = "do $$ begin execute 'select ''a private row'' from nowhere'; end $$";
  for (const statement of [twice, inside]) {
    const error: unknown = await connection.query(statement).catch((err: unknown) => err);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a private row');
    log.error({ err: error }, 'failed');
  }
  expect(logged).toContain('notes_text_key');
  expect(logged).not.toContain('a private row');
  await connection.end();
});

it('an error of the server says nothing of the password', async () => {
  const nowhere = { ...testServer, password, database: 'nowhere' };
  const errors = await Promise.all(
    [connect(nowhere, 'test'), takeLease({ address: nowhere, clock: systemClock })].map((work) =>
      work.catch((err: unknown) => err),
    ),
  );
  expect(String(errors[1])).toContain('postgres://lookout@127.0.0.1');
  expect(String(errors[1])).toContain('database "nowhere" does not exist');
  expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain('hunter2');
  expect(JSON.stringify(await describePostgres(nowhere))).not.toContain('hunter2');
});
