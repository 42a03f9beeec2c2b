import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseEventSpec } from '../../src/catalogue/event-spec.ts';
import { exportSubscriptionsCommand } from '../../src/command-line/export-command.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { createTerminal } from '../../src/command-line/terminal.ts';
import { check } from '../../src/config/check.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { silentLog } from '../../src/log.ts';
import { createLiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import { insertSubscription, type StoredSubscription } from '../../src/rooms/stored-subscriptions.ts';
import { subscriptionId } from '../../src/router/subscription-id.ts';
import { openStore } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { anEvent } from '../support/events.ts';
import { catalogue } from '../support/the-catalogue.ts';

const head = `# mine
source: { url: demo }
store: sqlite:lookout.db
chats: { matrix: { homeserver: "https://a.org", token: "\${TOKEN}" } }
rooms:
  hq: "console:hq"   # the headquarters
  smoke: "matrix:#smoke:a.org"
`;
const list = `subscriptions:
  - events: posts#create
    rooms: hq
`;
const stored = (address: string, events: string, where: string | null = null): StoredSubscription => {
  const content = { events, where, template: null };
  const spec = parseEventSpec(events, catalogue);
  const id = spec.outcome === 'ok' ? subscriptionId({ ...content, events: spec.spec, rooms: [address] }) : 'unknown';
  return { ...content, id, address, author: '@a:a.org', createdAt: 1 };
};
const made = [stored('console:hq', 'flags#create', 'object.id > 5'), stored('matrix:#smoke:a.org', 'posts#update')];

let folder: string;
const file = () => join(folder, 'config.yaml');
const text = () => readFileSync(file(), 'utf8');

/** Returns a new database with these subscriptions. */
async function storeWith(subscriptions: readonly StoredSubscription[]): Promise<string> {
  const path = join(mkdtempSync(join(databases, 'store-')), 'lookout.db');
  const store = await openStore(path);
  await store.db.transaction().execute(async (trx) => {
    for (const one of subscriptions) await insertSubscription(trx, one);
  });
  await store.close();
  return path;
}

let databases: string;
let database: string;
beforeAll(async () => {
  databases = mkdtempSync(join(tmpdir(), 'lookout-export-'));
  database = await storeWith(made);
});
afterAll(() => rmSync(databases, { recursive: true }));
beforeEach(() => {
  folder = folderWith({ 'config.yaml': `${head}${list}` });
});

async function run(write: boolean, { named = file(), from = database } = {}) {
  let [out, err] = ['', ''];
  const known = { errIsTerminal: false, outIsTerminal: false, errColor: false, outColor: false, outColumns: 80 };
  const writeOut = (some: string) => {
    out += some;
  };
  const writeErr = (some: string) => {
    err += some;
  };
  const store = { kind: 'sqlite', file: from, keepMs: 1 } as const;
  const terminal = createTerminal({ ...known, writeOut, writeErr });
  const code = await exportSubscriptionsCommand(
    { file: named, store, clock: systemClock },
    { write, environment: {} },
    terminal,
  );
  return { code, out, err };
}

/** Returns the rooms and subscriptions of some events, under the configuration as it is and what commands made. */
function routes(): unknown {
  const { config } = loadConfig(file(), { TOKEN: 't' }, extensions);
  const { subscriptions: fromFile } = config!;
  const live = createLiveSubscriptions({ fromFile, isRoom: () => true, stored: made, catalogue, log: silentLog });
  const events = [
    anEvent({ model: 'posts' }),
    anEvent({ model: 'posts', type: 'update' }),
    anEvent({ model: 'flags', class: 'Flag', id: 6 }),
    anEvent({ model: 'flags', class: 'Flag', id: 5 }),
  ];
  const ids = ['console:hq', 'matrix:#smoke:a.org'].map((room) => live.ofRoom(room).map(({ id }) => id));
  return [
    ids,
    events.map((event) => live.router.route(event, null as never).map((one) => [one.room, one.subscription.id])),
  ];
}

describe('export --write', () => {
  it('puts them behind the others: the check passes, events take the same ways, and the rest of the file stays', async () => {
    const before = routes();
    chmodSync(file(), 0o640);
    const { code, out } = await run(true);
    expect([code, out]).toEqual([0, `2 subscriptions are in ${file()} now: ${made.map(({ id }) => id).join(', ')}\n`]);
    expect(text()).toBe(
      `${head}${list}  - events: flags#create\n    where: object.id > 5\n    rooms: hq\n  - events: posts#update\n    rooms: smoke\n`,
    );
    expect(check(file(), { TOKEN: 't' }, extensions)).toMatchObject({ exitCode: 0 });
    expect(routes()).toEqual(before);
    expect(statSync(file()).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.startsWith('config'))).toEqual(['config.yaml']);
  });

  it('changes nothing the second time', async () => {
    await run(true);
    const once = text();
    expect(await run(true)).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/ has every subscription /) });
    expect(text()).toBe(once);
  });

  it('writes the file behind a link', async () => {
    const link = join(folder, 'link.yaml');
    symlinkSync('config.yaml', link);
    expect((await run(true, { named: link })).code).toBe(0);
    expect(text()).toContain('flags#create');
  });

  it('refuses a list in brackets, and shows what to put there', async () => {
    writeFileSync(file(), `${head}subscriptions: [{ events: posts, rooms: hq }]\n`);
    const before = text();
    const { code, out, err } = await run(true);
    expect([code, text()]).toEqual([1, before]);
    expect(err).toContain('in brackets');
    expect(out).toContain('flags#create');
  });

  it('refuses a configuration that is not good, and leaves it as it is', async () => {
    writeFileSync(file(), `${head}subscriptions:\n  - { events: post, rooms: hq }\n`);
    const { code, err } = await run(true);
    expect(code).toBe(2);
    expect(err).toMatch(/config\.yaml:\d+:\d+: .*\n.*nothing was written/s);
    expect(text()).not.toContain('flags');
  });

  it('leaves out what this version cannot read', async () => {
    const from = await storeWith([stored('console:hq', 'unheard_of#create'), made[1]!]);
    const { code, err } = await run(true, { from });
    expect(code).toBe(0);
    expect(err).toMatch(/ is left out, since it cannot be read: /);
    expect(text()).not.toContain('unheard_of');
  });
});

describe('export', () => {
  it('prints what can be appended if the subscriptions are the end of the file', async () => {
    const { out, err } = await run(false);
    expect(err).toMatch(/^append these lines/);
    writeFileSync(file(), text() + out);
    expect(check(file(), { TOKEN: 't' }, extensions)).toMatchObject({ exitCode: 0 });
    expect((await run(false)).err).toMatch(/ has every subscription made by commands already\n$/);
  });

  it('prints the whole block if something stands behind them', async () => {
    writeFileSync(file(), `${list}${head}`);
    const { out, err } = await run(false);
    expect(out).toMatch(/^subscriptions:\n {2}- events: flags#create\n/);
    expect(err).toMatch(/^put the lines below `subscriptions:` under that key of .*, or use --write\n$/);
  });

  it('prints addresses if the configuration is not good', async () => {
    writeFileSync(file(), 'a: 1\n');
    expect((await run(false)).out).toContain('rooms: matrix:#smoke:a.org');
  });
});

it('leaves out the subscriptions of a room of another account that the file does not name, and says how to name it', async () => {
  const from = await storeWith([made[1]!, stored('matrix:!spam:a.org', 'posts#update')]);
  const { db, close } = await openStore(from);
  const room = { platform: 'matrix', resolved: null, configured: 1, account: 'matrix/eu' } as const;
  for (const address of ['matrix:#smoke:a.org', 'matrix:!spam:a.org'])
    await db
      .insertInto('rooms')
      .values({ ...room, key: address, address, name: address })
      .execute();
  await close();
  const { code, out, err } = await run(false, { from });
  expect(code).toBe(0);
  expect(out).toContain('rooms: smoke');
  expect(out).not.toContain('spam');
  expect(err).toMatch(
    / is left out: name its room first, with its account: "rooms: \{ <name>: \{ to: "matrix:!spam:a.org", account: eu \} \}"/,
  );
});
