import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Hub, startHub } from '../../src/hub/hub.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { identify } from '../../src/metasmoke/identity.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { storeRooms } from '../../src/outbox/rooms.ts';
import { Secret } from '../../src/secret.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type Child, startChild } from '../support/child.ts';
import { anEvent } from '../support/events.ts';
import { until } from '../support/until.ts';

const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));
const key = 'a-key-that-nobody-may-see';
const WAIT_MS = 8_000;
let folder: string;
let hub: Hub;
let children: Child[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-cli-'));
  children = [];
  const keys = [new Secret(key, 'the test')];
  hub = await startHub({ port: 0, keys, clock: systemClock, log: silentLog, catalogue: createCatalogue() });
});
afterEach(async () => {
  for (const child of children) await child.end('SIGKILL');
  await hub.stop();
  rmSync(folder, { recursive: true });
});

/** Starts `lookout <args>` in the test's folder, with an environment of its own. */
function lookout(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child = startChild(process.execPath, [program, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, KEY: key, ...env },
  });
  children.push(child);
  return child;
}

function configure(text: string): void {
  writeFileSync(join(folder, 'config.yaml'), text);
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
const keyFromEnvironment = '${KEY}';
const usual = (more = '') => `source: { url: "${hub.url}", key: "${keyFromEnvironment}" }
store: sqlite:lookout.db
rooms: { here: "console:here" }
subscriptions: [{ events: announcements, rooms: here }]
${more}`;
const announce = (id: number, text: string) =>
  hub.publish({ event_type: 'create', event_class: 'Announcement', object: { id, text } });
const subscribed = (child: Child) =>
  child.waitForLine((line) => line.includes('"state":"subscribed"'), 'the subscription', WAIT_MS);

/** How each delivery stands in the file of a run that may be running. */
function states(): string[] {
  const database = new DatabaseSync(join(folder, 'lookout.db'), { readOnly: true });
  const rows = database.prepare('select state from deliveries order by id').all();
  database.close();
  return rows.map((row) => String(row.state));
}

describe('lookout run', () => {
  it('shows an event of the source in a console room, and ends with 0 at Ctrl-C', async () => {
    configure(usual());
    const child = lookout(['run']);
    await subscribed(child);
    announce(1, 'Hello, room');
    await child.waitForOutput((line) => line.includes('Hello, room'), 'the message', WAIT_MS);
    expect(await child.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(child.lines.join('\n')).not.toContain(key);
  });

  it('ends with 1 when the key is refused at the start: says where the key came from, and not the key', async () => {
    configure(usual());
    const child = lookout(['run'], { KEY: 'a-wrong-key-nobody-may-see' });
    expect((await child.exited).code).toBe(1);
    const said = child.lines.join('\n');
    expect(said).toMatch(/config\.yaml/);
    expect(said).not.toContain('a-wrong-key-nobody-may-see');
  });

  it('goes on when the key is refused but something waits to be delivered', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    await first.end('SIGTERM');
    const store = await openStore(join(folder, 'lookout.db'));
    const event = anEvent({ model: 'announcements', class: 'Announcement', id: 7, subject: 'announcement:7' });
    const deliveries = [{ roomId: 1, subscription: 's', template: null, options: {} }];
    const awaitPostUntil = Date.now() + 600_000;
    await store.db.transaction().execute((trx) =>
      enqueue(trx, {
        event,
        identity: identify(event),
        deliveries,
        awaitPostUntil,
        priority,
        catchUp: null,
        failure: null,
      }),
    );
    await store.close();
    const second = lookout(['run'], { KEY: 'a-wrong-key' });
    await second.waitForLine(
      (line) => line.includes('what waits is still delivered'),
      'the word on what waits',
      WAIT_MS,
    );
    expect((await second.end('SIGTERM')).code).toBe(0);
  });

  it('ends when nobody reads its console rooms any more and there are no others', async () => {
    configure(usual());
    const child = startChild('sh', ['-c', `"${process.execPath}" "${program}" run | true; echo ended >&2`], {
      cwd: folder,
      env: { PATH: process.env.PATH, KEY: key },
    });
    children.push(child);
    await subscribed(child);
    announce(1, 'Nobody hears');
    await child.waitForLine((line) => line.includes('nobody reads standard output any more'), 'the reason', WAIT_MS);
    await child.waitForLine((line) => line === 'ended', 'the end', WAIT_MS);
  });

  it('leaves a database alone that another run works on', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    // More often than once: who asks must not end the lock.
    for (let n = 0; n < 2; n++) {
      const second = lookout(['run']);
      expect((await second.exited).code).toBe(1);
      expect(second.lines.join('\n')).toContain(
        `is in use by another \`lookout run\` (process ${first.pid}): stop that one first`,
      );
    }
  });

  it('leaves it alone also after its lock file was removed, and lets others look; a kill ends that', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    rmSync(join(folder, 'lookout.db-lock'));
    const second = lookout(['run']);
    expect((await second.exited).code).toBe(1);
    expect(second.lines.join('\n')).toContain(`in use by another \`lookout run\` (process ${first.pid})`);
    expect((await lookout(['outbox', 'list']).exited).code).toBe(0);
    announce(1, 'Still here');
    await first.waitForOutput((line) => line.includes('Still here'), 'the message', WAIT_MS);
    await first.end('SIGKILL');
    rmSync(join(folder, 'lookout.db-lock'));
    await subscribed(lookout(['run']));
  });

  it('takes two signals within half a second for one', async () => {
    configure(usual());
    const child = lookout(['run']);
    await subscribed(child);
    process.kill(child.pid, 'SIGINT');
    process.kill(child.pid, 'SIGINT');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it.each(['SIGINT', 'SIGTERM'])('ends quietly with 0 at a %s that comes while it is still loading', async (signal) => {
    configure(usual());
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(what, context, next) {
        if (what.endsWith('/main.ts')) process.kill(process.pid, '${signal}');
        return next(what, context);
      } });`;
    const child = startChild(process.execPath, ['--import', `data:text/javascript,${hook}`, program, 'run'], {
      cwd: folder,
      env: { PATH: process.env.PATH, KEY: key },
    });
    children.push(child);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect([child.lines, existsSync(join(folder, 'lookout.db'))]).toEqual([[], false]);
  });

  it('ends with 0 at Ctrl-C while nobody takes its output, and loses nothing', async () => {
    configure(usual());
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(held, 'x'.repeat(4_096));
    }).toThrow('EAGAIN');
    const child = spawn(process.execPath, [program, 'run'], {
      cwd: folder,
      env: { PATH: process.env.PATH, KEY: key },
      stdio: ['ignore', held, 'pipe'],
    });
    try {
      const exited = once(child, 'exit');
      const lines = createInterface({ input: child.stderr! });
      for await (const line of lines) if (line.includes('"state":"subscribed"')) break;
      announce(1, 'Nobody reads');
      announce(2, 'Nobody reads this either');
      await until(() => states().join() === 'planned,waiting');
      child.kill('SIGINT');
      expect(await exited).toEqual([0, null]);
      expect(states()).toEqual(['planned', 'waiting']);
    } finally {
      child.kill('SIGKILL');
      closeSync(held);
    }
  });

  it('takes up after kill -9 where it was, with the same file', async () => {
    configure(usual());
    const first = lookout(['run']);
    await subscribed(first);
    await first.end('SIGKILL');
    const second = lookout(['run']);
    await subscribed(second);
    announce(2, 'After the kill');
    await second.waitForOutput((line) => line.includes('After the kill'), 'the message', WAIT_MS);
  });

  it('runs nothing with a configuration that is wrong, and says where', async () => {
    configure(usual('color: blue\n'));
    const child = lookout(['run']);
    expect((await child.exited).code).toBe(2);
    expect(child.lines.join('\n')).toMatch(/config\.yaml:5:1: .*color/);
  });
});

describe('lookout check', () => {
  it('gives 0 for a good configuration and 2 for a bad one', async () => {
    configure(usual());
    expect((await lookout(['check']).exited).code).toBe(0);
    configure(usual('color: blue\n'));
    const bad = lookout(['check']);
    expect((await bad.exited).code).toBe(2);
    expect(bad.lines[0]).toMatch(/^config\.yaml:5:1: /);
  });

  it('has one JSON document for programs', async () => {
    configure(usual('color: blue\n'));
    const child = lookout(['check', '--json']);
    await child.exited;
    expect(JSON.parse(child.lines.join('\n'))).toMatchObject({ problems: [{ line: 5, column: 1 }] });
  });
});

describe('lookout outbox', () => {
  it('says that there is no store yet', async () => {
    configure(usual());
    const child = lookout(['outbox', 'list']);
    expect((await child.exited).code).toBe(1);
    expect(child.lines.join('\n')).toContain('`lookout run` makes it at its first start');
  });

  it('says that a store in memory keeps nothing', async () => {
    configure(usual().replace('sqlite:lookout.db', 'memory'));
    const child = lookout(['outbox', 'list']);
    expect((await child.exited).code).toBe(1);
    expect(child.lines.join('\n')).toContain('keeps nothing beyond its process');
  });

  it('works while the bot runs, and gives 1 for an id that is none', async () => {
    configure(usual());
    await subscribed(lookout(['run']));
    const list = lookout(['outbox', 'list', '--json']);
    expect((await list.exited).code).toBe(0);
    expect(JSON.parse(list.lines.join('\n'))).toEqual({ deadLetters: [], rooms: [] });
    const retry = lookout(['outbox', 'retry', 's1']);
    expect((await retry.exited).code).toBe(1);
    expect(retry.lines.join('\n')).toContain('s1: no such dead letter');
  });
});

const priority = { place: 0, ifAutoflagged: 0 };

describe('lookout outbox list', () => {
  const withToken = () =>
    usual(`chats: { matrix: { homeserver: "https://m.example.org", token: "\${NOBODY_SET_THIS}" } }\n`);

  /** Two deliveries for each of two rooms, of which the configuration knows the first. */
  async function fill(): Promise<void> {
    const store = await openStore(join(folder, 'lookout.db'));
    const { db } = store;
    const room = (name: string) => ({ name, address: `console:${name}`, platform: 'console' as const });
    await storeRooms(db, [room('here'), room('gone')]);
    for (const [n, roomId] of [1, 1, 2].entries()) {
      const event = anEvent({ id: n + 1, receivedAt: Date.UTC(2026, 0, 2, 3, 4, n) });
      const deliveries = [{ roomId, subscription: 's', template: null, options: {} }];
      const item = {
        event,
        identity: identify(event),
        deliveries,
        awaitPostUntil: null,
        priority,
        catchUp: null,
        failure: null,
      };
      await db.transaction().execute((trx) => enqueue(trx, item));
    }
    await storeRooms(db, [room('here')]);
    await store.close();
  }

  it('says what waits and what is parked, and since when, and needs none of the secrets', async () => {
    configure(withToken());
    await fill();
    const child = lookout(['outbox', 'list'], { KEY: '' });
    expect((await child.exited).code).toBe(0);
    expect(child.lines).toEqual([
      'no dead letters, no failed events',
      'room here (console:here): 2 deliveries wait; the oldest from 2026-01-02T03:04:00.000Z',
      'room gone (console:gone): 1 parked, since the room is not in the configuration any more; the oldest from 2026-01-02T03:04:02.000Z',
    ]);
  });

  it('says the same to programs', async () => {
    configure(withToken());
    await fill();
    const child = lookout(['outbox', 'list', '--json']);
    await child.exited;
    expect(JSON.parse(child.lines.join('\n'))).toEqual({
      deadLetters: [],
      rooms: [
        { room: 'here', address: 'console:here', waiting: 2, parked: 0, since: Date.UTC(2026, 0, 2, 3, 4, 0) },
        { room: 'gone', address: 'console:gone', waiting: 0, parked: 1, since: Date.UTC(2026, 0, 2, 3, 4, 2) },
      ],
    });
  });

  it.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's way to name a variable.
    ['a variable that is not set', 'store: "sqlite:${NOBODY_SET_THIS}.db"', 'NOBODY_SET_THIS is not set'],
    ['a key that is none', 'store: { uri: sqlite:lookout.db }', 'uri'],
    ['no text', 'store: 5', 'store'],
    ['no YAML', 'store: "sqlite:lookout.db', 'config.yaml:2:8: '],
  ])('says what is wrong where the store is %s, rather than look at another one', async (_what, store, said) => {
    configure(usual().replace('store: sqlite:lookout.db', store));
    await fill();
    const child = lookout(['outbox', 'list']);
    expect((await child.exited).code).toBe(2);
    expect(child.lines.join('\n')).toContain(said);
  });
});

describe('lookout hub', () => {
  const serving = (child: Child) => child.waitForLine((line) => line.startsWith('The hub serves'), 'the hub', WAIT_MS);
  const takes = async (child: Child, given: string) => {
    const said = await serving(child);
    const url = `${said.replace(/^.* ws/, 'http').replace(/cable$/, 'events')}`;
    const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${given}` }, body: '' });
    return response.status !== 401;
  };

  it('takes its key from a file or from the environment, the file first, and shows neither', async () => {
    writeFileSync(join(folder, 'key'), 'a-key-of-a-file\n', { mode: 0o600 });
    const environment = { LOOKOUT_HUB_KEY: 'a-key-of-the-environment' };
    const [both, one] = [['--key-file', 'key'], []].map((more) =>
      lookout(['hub', '--port', '0', ...more], environment),
    );
    expect(await takes(both!, 'a-key-of-a-file')).toBe(true);
    expect(await takes(both!, 'a-key-of-the-environment')).toBe(false);
    expect(await takes(one!, 'a-key-of-the-environment')).toBe(true);
    for (const child of [both!, one!]) {
      await child.end('SIGINT');
      expect(child.lines.join()).not.toContain('a-key-of');
    }
  });

  it.each([[['--key', 'a-key-in-ps']], [['--key=a-key-in-ps']]])(
    'takes none from %j, which everybody can read',
    async (args) => {
      const child = lookout(['hub', ...args]);
      expect((await child.exited).code).toBe(2);
      expect(child.lines.join()).toContain('set LOOKOUT_HUB_KEY, or name a file with --key-file');
      expect(child.lines.join()).not.toContain('a-key-in-ps');
    },
  );

  it('says what is wrong with its key, and that others can read it', async () => {
    writeFileSync(join(folder, 'two'), 'two words', { mode: 0o600 });
    writeFileSync(join(folder, 'open'), 'a-key-of-a-file', { mode: 0o644 });
    const wrong = [lookout(['hub', '--key-file', 'two']), lookout(['hub'], { LOOKOUT_HUB_KEY: '' })];
    const said = wrong.map(async (child) => [(await child.exited).code, child.lines]);
    expect(await Promise.all(said)).toEqual([
      [2, ['--key-file two: the key has white space in it: put the key into it, on one line and nothing else']],
      [2, ['LOOKOUT_HUB_KEY: the key is empty: set it to a key, or to nothing at all (unset)']],
    ]);
    const child = lookout(['hub', '--port', '0', '--key-file', 'open']);
    await serving(child);
    expect(child.lines[0]).toBe('warning: others can read open (mode 0644): chmod 600 open');
    await child.end('SIGINT');
  });
});

describe('the command line', () => {
  it.each([
    [['fly'], 2],
    [['run', '--log-level', 'loud'], 2],
    [['outbox', 'retry'], 2],
    [['hub', '--port', 'x'], 2],
    [['hub', '--key-file', 'nope'], 2],
    [['--help'], 0],
    [['run', '--help'], 0],
    [['--version'], 0],
    [[], 2],
  ] as const)('%j ends with %i', async (args, code) => {
    expect((await lookout(args).exited).code).toBe(code);
  });

  it('says that it uses the example where there is no config.yaml', async () => {
    configure(usual());
    renameSync(join(folder, 'config.yaml'), join(folder, 'config.example.yaml'));
    const child = lookout(['check']);
    expect((await child.exited).code).toBe(0);
    expect(child.lines[0]).toBe('no config.yaml here: using config.example.yaml');
  });

  it.each([['run'], ['check'], ['outbox', 'list'], ['audit']])(
    'says what it looked for where there is no configuration, and where: %s',
    async (...args) => {
      const child = lookout(args);
      expect((await child.exited).code).toBe(2);
      expect(child.lines).toHaveLength(1);
      for (const part of ['config.yaml', 'config.example.yaml', `in ${folder}.`, '-c <file>'])
        expect(child.lines[0]).toContain(part);
    },
  );

  it('says so to programs, too', async () => {
    const child = lookout(['check', '--json']);
    expect((await child.exited).code).toBe(2);
    expect(JSON.parse(child.lines.filter((line) => !line.startsWith('no configuration')).join('\n'))).toMatchObject({
      errors: 1,
      config: null,
    });
  });

  it.each([
    [['-c', 'mine.yaml', 'check', '--json']],
    [['check', '-c', 'mine.yaml', '--json']],
    [['--config=mine.yaml', 'check', '--json']],
    [['-c', 'other.yaml', 'check', '--json', '-c', 'mine.yaml']],
  ])('takes -c before the command and behind it, the last one of two: %j', async (args) => {
    configure(usual());
    renameSync(join(folder, 'config.yaml'), join(folder, 'mine.yaml'));
    const child = lookout(args);
    expect((await child.exited).code).toBe(0);
    expect(JSON.parse(child.lines.join('\n'))).toMatchObject({ file: 'mine.yaml' });
  });

  it('takes -c at each place before a command of a group', async () => {
    configure(usual());
    renameSync(join(folder, 'config.yaml'), join(folder, 'mine.yaml'));
    for (const args of [
      ['-c', 'mine.yaml', 'outbox', 'list'],
      ['outbox', '-c', 'mine.yaml', 'list'],
      ['outbox', 'list', '-c', 'mine.yaml'],
    ]) {
      const child = lookout(args);
      expect((await child.exited).code).toBe(1);
      expect(child.lines.join('\n')).toContain('`lookout run` makes it at its first start');
    }
  });

  it('does not play the demo when npm kept `-c`, and says what to type', async () => {
    const child = lookout(['run'], { npm_lifecycle_event: 'start', npm_config_call: 'mine.yaml' });
    expect((await child.exited).code).toBe(2);
    expect(child.lines).toHaveLength(1);
    expect(child.lines[0]).toContain('`npm start -- -c mine.yaml`');
  });
});
