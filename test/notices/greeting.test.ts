import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Log, silentLog } from '../../src/log.ts';
import { createGreet, type Greet } from '../../src/notices/greeting.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createTestClock } from '../support/test-clock.ts';

const hour = 3_600_000;

describe('a greeting', () => {
  let store: Store;
  let greet: Greet;
  let takesSubscriptions = true;
  let isOfAnother = false;
  const said: string[] = [];
  const clock = createTestClock();
  const log: Log = { ...silentLog, info: (_, text) => void said.push(text) };
  const to = async (room: string) => JSON.stringify(await greet({ platform: 'matrix', account: 'matrix', room }));

  function create(): void {
    const source = { name: 'metasmoke', kind: { example: 'posts#create' } };
    greet = createGreet({
      ...{ db: store.db, source, log, now: () => clock.now() },
      takesSubscriptions: async () => takesSubscriptions,
      isOfAnother: async () => isOfAnother,
    });
  }

  beforeEach(async () => {
    store = await openStore(':memory:');
    onTestFinished(() => store.close());
    takesSubscriptions = true;
    isOfAnother = false;
    create();
  });

  it('says what the bot is and names three commands', async () => {
    const message = await to('!a:b.c');
    expect(message).toMatch(/I am Lookout, a bot\. I say what happens on metasmoke/);
    for (const command of ['help', 'subscribe posts#create', 'subscriptions'])
      expect(message).toContain(`"${command}"`);
  });

  it('is left to the account that speaks in the room', async () => {
    isOfAnother = true;
    expect(await to('!a:b.c')).toBe('null');
    isOfAnother = false;
    expect(await to('!a:b.c')).toMatch(/I am Lookout/);
  });

  it('says what to add to the configuration where nothing can be subscribed to', async () => {
    takesSubscriptions = false;
    const message = await to('!a:b.c');
    expect(message).toContain('matrix:!a:b.c');
    expect(message).not.toContain('subscribe posts#create');
  });

  it('comes once to each room, also after a restart', async () => {
    expect(await to('!a:b.c')).not.toBe('null');
    create();
    expect(await to('!a:b.c')).toBe('null');
    expect(await to('!b:b.c')).not.toBe('null');
  });

  it('comes to five rooms an hour and to twenty a day at most, also over restarts', async () => {
    const greeted = async (from: number) => {
      let count = 0;
      for (let room = from; room < from + 8; room++) if ((await to(`!${room}:b.c`)) !== 'null') count++;
      create();
      return count;
    };
    const counts = [];
    for (let at = 0; at < 6; at++) {
      counts.push(await greeted(at * 100));
      await clock.advance(hour);
    }
    expect(counts).toEqual([5, 5, 5, 5, 0, 0]);
    expect(said.at(-1)).toMatch(/is not greeted: 20 rooms were greeted in the last 24 h/);
    await clock.advance(24 * hour);
    expect(await to('!0:b.c')).toBe('null');
    expect(await to('!500:b.c')).not.toBe('null');
  });

  it('is left out if the store cannot note it', async () => {
    await store.db.schema.dropTable('greetings').execute();
    expect(await to('!a:b.c')).toBe('null');
  });
});
