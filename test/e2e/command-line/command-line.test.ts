import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../../src/ingest/store-event.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { anEvent } from '../../support/events.ts';
import { aNewDelivery, aNewEvent } from '../../support/new-event.ts';
import { useCommandFolder } from './command-folder.ts';

const here = useCommandFolder();
const { lookout, configure, usual, subscribed } = here;

describe('lookout check', () => {
  it('gives 0 for a good configuration and 2 for a bad one', async () => {
    configure(usual());
    expect((await lookout(['check']).exited).code).toBe(0);
    configure(usual('color: blue\n'));
    const bad = lookout(['check']);
    expect((await bad.exited).code).toBe(2);
    expect(bad.lines[0]).toMatch(/^config\.yaml:5:1: /);
  });

  it('prints one JSON document for programs', async () => {
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
    expect(child.lines.join('\n')).toContain('`lookout run` creates it at its first start');
  });

  it('says that a store in memory keeps nothing', async () => {
    configure(usual().replace('sqlite:lookout.db', 'memory'));
    const child = lookout(['outbox', 'list']);
    expect((await child.exited).code).toBe(1);
    expect(child.lines.join('\n')).toContain('keeps nothing after its process ends');
  });

  it('works while the bot runs, and gives 1 for an id that is not a dead letter', async () => {
    configure(usual());
    await subscribed(lookout(['run']));
    const list = lookout(['outbox', 'list', '--json']);
    expect((await list.exited).code).toBe(0);
    expect(JSON.parse(list.lines.join('\n'))).toEqual({ deadLetters: [], rooms: [] });
    const retry = lookout(['outbox', 'retry', 's1']);
    expect((await retry.exited).code).toBe(1);
    expect(retry.lines.join('\n')).toContain('s1: not a dead letter');
  });
});

describe('lookout outbox list', () => {
  const withToken = () =>
    usual(`chats: { matrix: { homeserver: "https://m.example.org", token: "\${NOBODY_SET_THIS}" } }\n`);

  /** Stores two deliveries for each of two rooms, of which the configuration names the first. */
  async function fill(): Promise<void> {
    const store = await openStore(join(here.folder, 'lookout.db'));
    const { db } = store;
    const room = (name: string) => ({ name, address: `console:${name}`, platform: 'console', account: 'console' });
    await storeRooms(db, [room('here'), room('gone')]);
    for (const [n, roomId] of [1, 1, 2].entries()) {
      const event = anEvent({ id: n + 1, receivedAt: Date.UTC(2026, 0, 2, 3, 4, n) });
      const item = aNewEvent(event, { deliveries: [aNewDelivery(roomId)] });
      await db.transaction().execute((trx) => enqueue(trx, item));
    }
    await storeRooms(db, [room('here')]);
    await store.close();
  }

  it('prints the waiting and parked deliveries and their age, and needs no secrets', async () => {
    configure(withToken());
    await fill();
    const child = lookout(['outbox', 'list'], { KEY: '' });
    expect((await child.exited).code).toBe(0);
    expect(child.lines).toEqual([
      'no dead letters, no failed events',
      'room here (console:here): 2 deliveries wait; the oldest from 2026-01-02T03:04:00.000Z',
      'room gone (console:gone): 1 parked, because the room is no longer in the configuration; the oldest from 2026-01-02T03:04:02.000Z',
    ]);
  });

  it('prints the same for programs', async () => {
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
  ])('reports the problem if the store is %s, rather than use another one', async (_what, store, said) => {
    configure(usual().replace('store: sqlite:lookout.db', store));
    await fill();
    const child = lookout(['outbox', 'list']);
    expect((await child.exited).code).toBe(2);
    expect(child.lines.join('\n')).toContain(said);
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

  it('reports that it uses the example if there is no config.yaml', async () => {
    configure(usual());
    renameSync(join(here.folder, 'config.yaml'), join(here.folder, 'config.example.yaml'));
    const child = lookout(['check']);
    expect((await child.exited).code).toBe(0);
    expect(child.lines[0]).toBe('no config.yaml here: using config.example.yaml');
  });

  it.each([['run'], ['check'], ['outbox', 'list'], ['audit']])(
    'reports what it looked for, and where, if there is no configuration: %s',
    async (...args) => {
      const child = lookout(args);
      expect((await child.exited).code).toBe(2);
      expect(child.lines).toHaveLength(1);
      for (const part of ['config.yaml', 'config.example.yaml', `in ${here.folder}.`, '-c <file>'])
        expect(child.lines[0]).toContain(part);
    },
  );

  it('reports that for programs, too', async () => {
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
  ])('accepts -c before the command and after it, the last one of two: %j', async (args) => {
    configure(usual());
    renameSync(join(here.folder, 'config.yaml'), join(here.folder, 'mine.yaml'));
    const child = lookout(args);
    expect((await child.exited).code).toBe(0);
    expect(JSON.parse(child.lines.join('\n'))).toMatchObject({ file: 'mine.yaml' });
  });

  it('accepts -c at each place before a command of a group', async () => {
    configure(usual());
    renameSync(join(here.folder, 'config.yaml'), join(here.folder, 'mine.yaml'));
    for (const args of [
      ['-c', 'mine.yaml', 'outbox', 'list'],
      ['outbox', '-c', 'mine.yaml', 'list'],
      ['outbox', 'list', '-c', 'mine.yaml'],
    ]) {
      const child = lookout(args);
      expect((await child.exited).code).toBe(1);
      expect(child.lines.join('\n')).toContain('`lookout run` creates it at its first start');
    }
  });

  it('does not play the demo when npm kept `-c`, and says what to type', async () => {
    const child = lookout(['run'], { npm_lifecycle_event: 'start', npm_config_call: 'mine.yaml' });
    expect((await child.exited).code).toBe(2);
    expect(child.lines).toHaveLength(1);
    expect(child.lines[0]).toContain('`npm start -- -c mine.yaml`');
  });
});
