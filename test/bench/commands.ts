import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { createLiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import { insertSubscription, listStoredSubscriptions } from '../../src/rooms/stored-subscriptions.ts';
import { openStore } from '../../src/store/open-store.ts';
import { startChild } from '../support/child.ts';
import { type AskedChat, startAskedChat } from './asked-chat.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { median } from './median.ts';
import { type Platform, platforms } from './platforms.ts';
import { count, defineRow, type Row, type Values } from './row.ts';

interface AskSize {
  readonly stored: number;
  readonly asks: number;
}

/** Number of measurements for each value, of which the best counts. */
const times = 3;

interface LoadSize {
  readonly stored: number;
}

/**
 * Measures the time from a person's command to the shown answer, the median in ms. A person may give ten commands in
 * half a minute.
 */
async function askAgainAndAgain(chat: AskedChat, asks: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < asks; index++) {
    const started = performance.now();
    await chat.ask(Math.floor(index / 9), 'subscribe', { events: 'feedbacks#create', where: `object.id == ${index}` });
    times.push(performance.now() - started);
  }
  return median(times);
}

/** Fills a store with subscriptions by command for one room, each with its own condition. */
async function storeSubscriptions(file: string, address: string, count: number): Promise<void> {
  const store = await openStore(file);
  await store.db.transaction().execute(async (trx) => {
    for (let index = 0; index < count; index++)
      await insertSubscription(trx, {
        id: `bench-${index}`,
        address,
        events: 'posts#update',
        where: `object.user_reputation < ${index} && object.title.contains("word ${index}")`,
        template: null,
        author: 'bench',
        createdAt: index,
      });
  });
  await store.close();
}

/** Measures `subscribe` in a room with many subscriptions, and a client that answers at once. */
async function measureAnswers({ name }: Platform, { stored, asks }: AskSize): Promise<Values> {
  const bare = await startAskedChat(name);
  const answering = startChild(process.execPath, bare.floor);
  await answering.whileRunning(bare.floorReady());
  const floor = await answering.whileRunning(askAgainAndAgain(bare, asks));
  await answering.end('SIGKILL');
  await bare.stop();

  const cable = await startCableServer();
  const chat = await startAskedChat(name);
  const configuration = {
    source: { url: cable.url, key: 'bench-key' },
    chats: { [name]: chat.config },
    rooms: { room: chat.room },
    commands: { per_room: 10_000 },
    subscriptions: [{ events: 'posts#create', rooms: 'room' }],
  };
  const before = (store: string) => storeSubscriptions(store, chat.room, stored);
  const benched = await startConfigured(configuration, { before });
  try {
    await benched.process.whileRunning(chat.ready());
    return { answer: { floor, value: await benched.process.whileRunning(askAgainAndAgain(chat, asks)) } };
  } finally {
    await benched.stop();
    await chat.stop();
    await cable.stop();
  }
}

/** Measures the time to read and compile the stored subscriptions, ms, and the bare reading of their rows. */
async function measureLoading({ stored: wanted }: LoadSize): Promise<Values> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const file = join(directory, 'bench.db');
  try {
    await storeSubscriptions(file, 'console:room', wanted);
    const store = await openStore(file);
    let [value, floor] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let time = 0; time < times; time++) {
      const started = performance.now();
      const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
      const rows = database.prepare('SELECT * FROM subscriptions ORDER BY seq').all();
      database.close();
      const again = performance.now();
      const stored = await listStoredSubscriptions(store.db);
      const live = createLiveSubscriptions({
        fromFile: [],
        isRoom: () => true,
        stored,
        catalogue: createCatalogue(),
        log: silentLog,
      });
      value = Math.min(value, performance.now() - again);
      floor = Math.min(floor, again - started);
      if (live.ofRoom('console:room').length !== rows.length) throw new Error('not all were understood');
    }
    await store.close();
    return { loading: { value, floor } };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const answersOn = (platform: Platform): Row =>
  defineRow<AskSize>({
    name: `commands-${platform.name}`,
    group: 'commands',
    sizes: { quick: { stored: 100, asks: 50 }, full: { stored: 1_000, asks: 200 } },
    limitSeconds: { quick: 20, full: 40 },
    figures: ({ stored }) => [
      {
        name: 'answer',
        what: `${platform.title}: a command with ${count(stored)} subscriptions stored → its answer shown, median`,
        unit: 'ms',
        better: 'less',
        floor: 'a bare client that answers at once',
        grain: 2,
      },
    ],
    measure: (size) => measureAnswers(platform, size),
  });

export const commandRows: readonly Row[] = [
  answersOn(platforms.matrix),
  answersOn(platforms.discord),
  defineRow<LoadSize>({
    name: 'loading',
    group: 'commands',
    sizes: { quick: { stored: 2_000 }, full: { stored: 10_000 } },
    limitSeconds: { quick: 15, full: 30 },
    figures: ({ stored }) => [
      {
        name: 'loading',
        what: `${count(stored)} stored subscriptions, the best of ${times} times: read and compiled`,
        unit: 'ms',
        better: 'less',
        floor: 'their rows read through node:sqlite alone',
        grain: 50,
      },
    ],
    measure: measureLoading,
  }),
];
