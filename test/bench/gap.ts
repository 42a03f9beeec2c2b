import { DatabaseSync } from 'node:sqlite';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { postCreated } from './sample.ts';

/** How long until the rows of a gap of an hour are in the store, from the moment that the source is heard again, in seconds. */
export async function measureGap(rows: number): Promise<number> {
  const [cable, api] = await Promise.all([startCableServer(), startMetasmokeApi()]);
  let subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: api.key, api: api.url },
    rooms: { here: 'console:here' },
    subscriptions: [{ events: 'posts#create;feedbacks#create;flag_logs#create', rooms: 'here' }],
  });
  const { process } = lookout;
  const outbox = openOutboxFile(lookout.store);
  const until = async (count: number) => {
    while (outbox.events() < count) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  try {
    await process.whileRunning(subscribed);
    cable.send(postCreated(1));
    await until(1);
    await process.kill();
    const hour = 3_600_000;
    const store = new DatabaseSync(lookout.store);
    // As if it had been killed an hour ago.
    store.exec(`UPDATE events SET received_at = received_at - ${hour}`);
    store.exec(`UPDATE sources SET heard_until = heard_until - ${hour}`);
    store.close();
    const began = Date.now() - hour;
    api.tables.posts = Array.from({ length: rows }, (_, index) => {
      const time = new Date(began + (index * hour) / rows).toISOString();
      return {
        ...(JSON.parse(postCreated(index + 2)) as { object: object }).object,
        id: index + 2,
        created_at: time,
        updated_at: time,
      };
    });
    subscribed = cable.subscribed();
    process.start();
    await process.whileRunning(subscribed);
    const started = performance.now();
    await until(rows + 1);
    return (performance.now() - started) / 1_000;
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), api.stop()]);
  }
}
