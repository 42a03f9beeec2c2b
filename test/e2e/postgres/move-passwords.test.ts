import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChild } from '../../support/child.ts';
import { contentsOf, makeFullStore } from '../../support/full-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';

const program = fileURLToPath(new URL('../../../src/lookout.js', import.meta.url));
const roles = ['ann', 'bob'] as const;
let folder: string;
let server: PostgresServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-passwords-'));
  chmodSync(folder, 0o755);
  const rules = join(folder, 'pg_hba.conf');
  writeFileSync(rules, 'host all lookout 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n');
  server = await startPostgres([`hba_file=${rules}`]);
  for (const role of roles) {
    await server.run(`create role ${role} login password 'secret-of-${role}'`);
    await server.run(`create database of_${role} owner ${role}`);
    writeFileSync(join(folder, `${role}.txt`), `secret-of-${role}\n`, { mode: 0o600 });
  }
  await makeFullStore(join(folder, 'old.db'));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const urlOf = (role: (typeof roles)[number]) => server.url(`of_${role}`).replace('lookout@', `${role}@`);

async function migrate(...options: readonly string[]) {
  const child = startChild(process.execPath, [program, 'migrate', ...options], { cwd: folder });
  const { code } = await child.exited;
  return { code, said: child.lines.join('\n') };
}

it('moves from one server to another with a password for each, and names the file of the new one', async () => {
  const first = await migrate('--from', 'sqlite:old.db', '--to', urlOf('ann'), '--password-file', 'ann.txt');
  expect(first).toMatchObject({ code: 0, said: expect.stringContaining('password_file: ann.txt') });
  const both = ['--from', urlOf('ann'), '--to', urlOf('bob')];
  expect(await migrate(...both, '--password-file', 'ann.txt')).toMatchObject({
    code: 1,
    said: expect.stringContaining('password authentication failed for user "bob"'),
  });
  const own = ['--from-password-file', 'ann.txt', '--to-password-file', 'bob.txt'];
  expect(await migrate(...both, ...own)).toMatchObject({
    code: 0,
    said: expect.stringContaining('password_file: bob.txt'),
  });
  const back = ['--from', urlOf('bob'), '--to', 'sqlite:back.db', '--from-password-file', 'bob.txt'];
  expect(await migrate(...back)).toMatchObject({ code: 0 });
  const counts = (file: string) =>
    Object.entries(contentsOf(join(folder, file))).map(([table, { length }]) => [table, length]);
  expect(counts('back.db')).toEqual(counts('old.db'));
});

it('refuses passwords of which it is not clear which store they are for', async () => {
  const servers = ['--from', urlOf('ann'), '--to', urlOf('bob')];
  expect(await migrate(...servers, '--password-file', 'ann.txt', '--to-password-file', 'bob.txt')).toEqual({
    code: 2,
    said: '--password-file is for both stores: leave it out, and name a file for each with --from-password-file and --to-password-file',
  });
  const out = ['--from', 'sqlite:old.db', '--to', urlOf('ann')];
  expect(await migrate(...out, '--from-password-file', 'ann.txt')).toEqual({
    code: 2,
    said: '--from-password-file: the store after --from is a file, which needs no password',
  });
  const back = ['--from', urlOf('ann'), '--to', 'sqlite:new.db'];
  expect(await migrate(...back, '--to-password-file', 'ann.txt')).toEqual({
    code: 2,
    said: '--to-password-file: the store after --to is a file, which needs no password',
  });
  const files = ['--from', 'sqlite:old.db', '--to', 'sqlite:new.db'];
  expect(await migrate(...files, '--password-file', 'ann.txt')).toEqual({
    code: 2,
    said: '--password-file: neither store is on a PostgreSQL server, and a file needs no password',
  });
});

it('says that the server wants a password, and where one is named', async () => {
  expect(await migrate('--from', 'sqlite:old.db', '--to', urlOf('bob'))).toMatchObject({
    code: 1,
    said: expect.stringContaining(
      'cannot be opened (the server wants a password): name a file with it: `password_file` in the configuration, `--password-file` on the command line',
    ),
  });
});
