import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditCommand } from '../../src/command-line/audit-command.ts';
import { gapsCommand } from '../../src/command-line/gaps-command.ts';
import { listSubscriptionsCommand } from '../../src/command-line/subscriptions-command.ts';
import { createTerminal, type Terminal } from '../../src/command-line/terminal.ts';
import { storeRoom } from '../../src/outbox/rows/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';

let folder: string;
const named = () => ({
  clock: systemClock,
  file: 'config.yaml',
  store: { kind: 'sqlite', file: join(folder, 'lookout.db'), keepMs: 1 } as const,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-'));
  const store = await openStore(named().store.file);
  const by = { address: 'matrix:#a:a.org', author: '@ada:a.org' };
  await store.db
    .insertInto('audit')
    .values([
      { at: 1, ...by, command: 'mute', what: 'muted posts' },
      { at: 2, ...by, author: '@eve:a.org', command: 'mute', what: 'muted flags' },
    ])
    .execute();
  await store.db
    .insertInto('subscriptions')
    .values({ id: 's', ...by, events: 'posts#create', where: null, template: null, created_at: 1 })
    .execute();
  await store.db
    .insertInto('people')
    .values([
      { platform: 'matrix', id: '@ada:a.org', name: 'Ada\u202e' },
      { platform: 'discord', id: '@eve:a.org', name: 'of another chat' },
    ])
    .execute();
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function saidBy(command: (terminal: Terminal) => Promise<unknown>): Promise<string> {
  let said = '';
  const known = { errIsTerminal: false, outIsTerminal: false, errColor: false, outColor: false, outColumns: 80 };
  const write = (text: string) => {
    said += text;
  };
  await command(createTerminal({ ...known, writeOut: write, writeErr: write }));
  return said;
}

it('the command line names people as they call themselves, with their ids', async () => {
  const audit = await saidBy((terminal) => auditCommand(named(), { limit: 9, room: null, json: false }, terminal));
  expect(audit).toContain('matrix:#a:a.org  Ada⟦U+202E⟧ (@ada:a.org)  muted posts');
  expect(audit).toContain('matrix:#a:a.org  @eve:a.org  muted flags');
  const json = await saidBy((terminal) => auditCommand(named(), { limit: 1, room: null, json: true }, terminal));
  expect(JSON.parse(json)).toMatchObject([{ author: '@eve:a.org', name: null }]);
  expect(
    await saidBy((terminal) => listSubscriptionsCommand(named(), { room: null, json: false }, terminal)),
  ).toContain('matrix:#a:a.org  Ada⟦U+202E⟧ (@ada:a.org)  posts#create');
});

it('the command line lists gaps, newest first', async () => {
  expect(await saidBy((terminal) => gapsCommand(named(), false, terminal))).toBe('no gaps\n');
  const store = await openStore(named().store.file);
  const gap = { source: 'metasmoke', open_from: null, tries: 0, problem: null };
  await store.db
    .insertInto('gaps')
    .values([
      { ...gap, from_at: 0, until_at: 60_000, reason: 'Lookout was not running', lost: 'posts#update', fetched: null },
      { ...gap, from_at: 120_000, until_at: 180_000, reason: 'a close', lost: null, fetched: 3 },
    ])
    .execute();
  await store.close();
  expect(await saidBy((terminal) => gapsCommand(named(), false, terminal))).toBe(
    '1970-01-01T00:02:00.000Z  1970-01-01T00:03:00.000Z  a close  3 rows fetched\n' +
      '1970-01-01T00:00:00.000Z  1970-01-01T00:01:00.000Z  Lookout was not running  nothing was fetched  may be lost: posts#update\n',
  );
  const json = await saidBy((terminal) => gapsCommand(named(), true, terminal));
  expect(JSON.parse(json)).toMatchObject([{ from: 120_000, fetched: 3 }, { lost: 'posts#update' }]);
});

describe('the rooms of the command line', () => {
  beforeAll(async () => {
    const store = await openStore(named().store.file);
    const hq = { name: 'hq', address: 'matrix:#a:a.org', platform: 'matrix', account: 'matrix' };
    await store.db.transaction().execute((trx) => storeRoom(trx, hq));
    await store.db
      .insertInto('audit')
      .values({ at: 3, address: 'discord:7', author: '9', command: 'mute', what: 'muted all' })
      .execute();
    await store.close();
  });
  const audit = (room: string | null) =>
    saidBy((terminal) => auditCommand(named(), { limit: 9, room, json: false }, terminal));
  const subscriptions = (room: string | null) =>
    saidBy((terminal) => listSubscriptionsCommand(named(), { room, json: false }, terminal));

  it('have their names, and their addresses behind them', async () => {
    expect(await audit(null)).toMatch(/hq \(matrix:#a:a\.org\) {2}Ada.*\n.*\n.* {2}discord:7 {2}9 {2}muted all\n$/);
    expect(await subscriptions(null)).toContain('  hq (matrix:#a:a.org)  ');
  });

  it('are asked for by name or address', async () => {
    for (const room of ['hq', 'matrix:#a:a.org']) {
      expect((await audit(room)).split('\n')).toHaveLength(3);
      expect(await subscriptions(room)).toContain('posts#create');
    }
    expect(await audit('discord:7')).toContain('muted all');
    expect(await audit('hk')).toBe('--room: there is no room "hk": did you mean hq? The rooms are discord:7, hq\n');
    expect(await subscriptions('hk')).toBe('--room: there is no room "hk": did you mean hq? The rooms are hq\n');
  });
});
