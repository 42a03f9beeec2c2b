import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { useCommandFolder } from './command-line/command-folder.ts';

const dump = readFileSync(fileURLToPath(new URL('../store/first-release.sql', import.meta.url)), 'utf8');
const used = useCommandFolder();
const patience = { patienceMs: PATIENCE_MS };
const isPost = (line: string) => line.includes('https://metasmoke.erwaysoftware.com/post/');

/** Makes the database of the first version, with the Matrix room as a console room: there is no homeserver here. */
function createOldDatabase(): void {
  const database = new DatabaseSync(join(used.folder, 'lookout.db'));
  database.exec(
    dump.replaceAll('matrix:!away:example.org', 'console:away').replace("'away','matrix'", "'away','console'"),
  );
  database.close();
}

const rooms = (store: string) =>
  used.configure(
    used
      .usual()
      .replace('sqlite:lookout.db', `sqlite:${store}`)
      .replace('{ here: "console:here" }', '{ here: "console:here", away: "console:away" }')
      .replace('rooms: here }', 'rooms: [here, away] }'),
  );

it('upgrades a database of the first version: what waited is sent once, a copy taken meanwhile starts, too', async () => {
  createOldDatabase();
  rooms('lookout.db');
  expect(await used.lookout(['backup', 'before.db']).exited).toEqual({ code: 0, signal: null });
  const first = used.lookout(['run']);
  // What it printed may be read later than what it stored.
  await until(() => first.lines.filter(isPost).length >= 3, patience);
  await until(() => used.states().every((state) => state === 'sent'), patience);
  expect(first.lines.filter(isPost)).toHaveLength(3);
  expect(first.lines.filter((line) => line === 'here')).toEqual([]);

  const backup = used.lookout(['backup', 'copy.db']);
  expect(await backup.exited).toEqual({ code: 0, signal: null });
  expect(backup.lines.join()).toMatch(/copy\.db is a copy of .*lookout\.db \(\d+ kB\)/);
  await first.end('SIGTERM');

  rooms('copy.db');
  const second = used.lookout(['run']);
  await used.subscribed(second);
  used.announce(1, 'after the restore');
  await second.waitForOutput((line) => line.includes('after the restore'), 'a new event');
  await second.end('SIGTERM');
  expect(second.lines.filter(isPost)).toEqual([]);

  // Going back: the copy from before the upgrade is as the first version wrote it.
  const before = new DatabaseSync(join(used.folder, 'before.db'), { readOnly: true });
  expect(before.prepare('select name from kysely_migration').all()).toEqual([{ name: '0001-outbox' }]);
  before.close();
  rooms('before.db');
  const third = used.lookout(['run']);
  await until(() => third.lines.filter(isPost).length === 3, patience);
  await third.end('SIGTERM');
});

it('goes back to an older version by the copy from before the upgrade, and refuses the newer database until then', async () => {
  const file = join(used.folder, 'lookout.db');
  used.configure(used.usual());
  const before = used.lookout(['run']);
  await used.subscribed(before);
  used.announce(1, 'before the upgrade');
  await before.waitForOutput((line) => line.includes('before the upgrade'), 'an event');
  await until(() => used.states()[0] === 'sent', patience);
  await before.end('SIGTERM');
  expect(await used.lookout(['backup', 'lookout-before.db']).exited).toEqual({ code: 0, signal: null });

  // A newer version takes a step that this one does not know.
  const newer = new DatabaseSync(file);
  newer.exec("insert into kysely_migration values ('0999-later', '2030-01-01T00:00:00.000Z'); create table later (a)");
  newer.close();
  const written = readFileSync(file);
  for (const command of [['run'], ['outbox', 'list'], ['subscriptions', 'list']]) {
    const refused = used.lookout(command);
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.lines.join()).toContain(
      'was written by a newer Lookout (it has 0999-later): update Lookout, or put',
    );
  }
  expect(readFileSync(file).equals(written)).toBe(true);

  // As docs/operations.md says.
  for (const name of ['lookout.db-wal', 'lookout.db-shm']) rmSync(join(used.folder, name), { force: true });
  renameSync(join(used.folder, 'lookout-before.db'), file);
  const after = used.lookout(['run']);
  await used.subscribed(after);
  used.announce(2, 'after going back');
  await after.waitForOutput((line) => line.includes('after going back'), 'a new event');
  await after.end('SIGTERM');
  expect(after.lines.join()).not.toContain('before the upgrade');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('copies nothing over a file that is there, and says so', async () => {
  createOldDatabase();
  rooms('lookout.db');
  const refused = used.lookout(['backup', 'config.yaml']);
  expect(await refused.exited).toEqual({ code: 1, signal: null });
  expect(refused.lines).toEqual(['config.yaml is there already: name a new file, or remove it']);
  expect(existsSync(join(used.folder, 'config.yaml.part'))).toBe(false);
});
