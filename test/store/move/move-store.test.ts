import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { migrations } from '../../../src/store/migrations.ts';
import { type MoveStep, moveStore } from '../../../src/store/move/move-store.ts';
import { openHeld } from '../../../src/store/open-place.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { contentsOf, makeFullStore, tablesIn } from '../../support/full-store.ts';

let made: string;
let folder: string;
let from: string;
let to: string;

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'lookout-full-'));
  await makeFullStore(join(made, 'full.db'));
});

afterAll(() => rmSync(made, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-move-'));
  from = join(folder, 'old.db');
  to = join(folder, 'new.db');
  copyFileSync(join(made, 'full.db'), from);
});

afterEach(() => rmSync(folder, { recursive: true }));

function move(report: (step: MoveStep, stop: AbortController) => void = () => undefined) {
  const stop = new AbortController();
  return moveStore({
    from: { kind: 'sqlite', file: from },
    to: { kind: 'sqlite', file: to },
    clock: systemClock,
    stop,
    report: (step) => report(step, stop),
  });
}

it('moves every row of every table, and the ids that were given, into a store that works', async () => {
  const moved = await move();
  const database = new DatabaseSync(from);
  expect([...moved.keys()].sort()).toEqual(tablesIn(database));
  database.close();
  expect([...moved.values()].every(({ rows }) => rows === 3)).toBe(true);
  expect(contentsOf(to)).toEqual(contentsOf(from));
  const store = await openHeld({ kind: 'sqlite', file: to });
  await store.db.deleteFrom('people').execute();
  await store.close();
  expect(contentsOf(to).people).toEqual([]);
});

it('brings a file of the first version up to date before it moves it, and says so', async () => {
  rmSync(from);
  const first = new DatabaseSync(from);
  first.exec(readFileSync(fileURLToPath(new URL('../first-release.sql', import.meta.url)), 'utf8'));
  first.close();
  const steps: MoveStep[] = [];
  await move((step) => steps.push(step));
  expect(steps[0]).toEqual({
    step: 'updated',
    schema: { before: '0001-outbox', now: migrations.at(-1)?.name },
  });
  expect(contentsOf(to)).toEqual(contentsOf(from));
});

it('refuses a source that another process works on', async () => {
  const store = await openHeld({ kind: 'sqlite', file: from });
  await expect(move()).rejects.toThrow(/old\.db is in use by another/);
  await store.close();
  expect(existsSync(to)).toBe(false);
});

it('refuses a file that is there', async () => {
  writeFileSync(to, '');
  await expect(move()).rejects.toThrow(/new\.db is there already/);
});

it('refuses a file beside which the log of another one lies', async () => {
  writeFileSync(`${to}-wal`, 'changes');
  await expect(move()).rejects.toThrow(/new\.db-wal beside it holds the latest changes/);
});

it('does not make a source that is not there', async () => {
  rmSync(from);
  await expect(move()).rejects.toThrow(/old\.db does not exist/);
  expect(readdirSync(folder)).toEqual([]);
});

it('leaves nothing when it is stopped, and can begin again', async () => {
  const stopped = move((step, stop) => {
    if (step.step === 'copying' && step.table === 'events') stop.abort(new Error('enough'));
  });
  await expect(stopped).rejects.toThrow('enough');
  expect(readdirSync(folder).filter((name) => !name.endsWith('-lock'))).toEqual(['old.db']);
  await move();
  expect(contentsOf(to)).toEqual(contentsOf(from));
});

it('writes each row once', async () => {
  let files: readonly string[] = [];
  await move((step) => {
    if (step.step === 'completing') files = readdirSync(folder).filter((name) => name.startsWith('new.db.part'));
  });
  expect(files).toEqual(['new.db.part']);
});

it('keeps the commands of the shell from writing to the source meanwhile', async () => {
  let refused: unknown;
  await move((step) => {
    if (step.step !== 'completing') return;
    const other = new DatabaseSync(from, { timeout: 0 });
    try {
      other.exec('delete from people');
    } catch (err) {
      refused = err;
    }
    other.close();
  });
  expect(String(refused)).toMatch(/database is locked/);
});
