import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { createLiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import { insertSubscription, listStoredSubscriptions } from '../../src/rooms/stored-subscriptions.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type AskedChat, type ChatName, startAskedChat } from './asked-chat.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;

/** From what a person does to the answer that is shown, the median in milliseconds. A person may say ten things in half a minute. */
async function askAgainAndAgain(chat: AskedChat, asks: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < asks; index++) {
    const started = performance.now();
    await chat.ask(Math.floor(index / 9), 'subscribe', { events: 'feedbacks#create', where: `object.id == ${index}` });
    times.push(performance.now() - started);
  }
  return median(times);
}

/** A file with so many subscriptions by command for one room, each with a condition of its own. */
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

/** `subscribe` in a room with so many subscriptions, beside a client that answers at once. */
export async function measureCommands(
  name: ChatName,
  stored: number,
  asks: number,
): Promise<{ lookout: number; floor: number }> {
  const bare = await startAskedChat(name);
  const end = await bare.answerAtOnce();
  const floor = await askAgainAndAgain(bare, asks);
  await end();
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
  const benched = await startConfigured(configuration, (store) => storeSubscriptions(store, chat.room, stored));
  const { process } = benched;
  try {
    await process.whileRunning(chat.ready());
    return { floor, lookout: await process.whileRunning(askAgainAndAgain(chat, asks)) };
  } finally {
    await benched.stop();
    await chat.stop();
    await cable.stop();
  }
}

/** Milliseconds to read and compile so many stored subscriptions, beside the bare reading of their rows. */
export async function measureLoading(count: number): Promise<{ lookout: number; floor: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const file = join(directory, 'bench.db');
  try {
    await storeSubscriptions(file, 'console:room', count);
    const started = performance.now();
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare('SELECT * FROM subscriptions ORDER BY seq').all();
    database.close();
    const floor = performance.now() - started;
    const store = await openStore(file);
    const again = performance.now();
    const stored = await listStoredSubscriptions(store.db);
    const live = createLiveSubscriptions({ fromFile: [], stored, catalogue: createCatalogue(), log: silentLog });
    const lookout = performance.now() - again;
    await store.close();
    if (live.ofRoom('console:room').length !== rows.length) throw new Error('not all were understood');
    return { lookout, floor };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
