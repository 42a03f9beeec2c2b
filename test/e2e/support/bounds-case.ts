/**
 * `node --max-old-space-size=… bounds-case.ts <case> <folder>`: runs one of the heavy cases of `bounds.test.ts`; prints
 * its measurements as JSON.
 */
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { parseEventSpec } from '../../../src/catalogue/event-spec.ts';
import { startHub } from '../../../src/hub/hub.ts';
import { silentLog } from '../../../src/log.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { storeRooms } from '../../../src/outbox/rows/rooms.ts';
import { compileCondition } from '../../../src/router/condition.ts';
import { createRouter, type Subscription } from '../../../src/router/router.ts';
import { parseOptions } from '../../../src/router/subscription-options.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { readPost } from '../../../src/subject-rows/known-post.ts';
import { systemClock } from '../../../src/time/clock.ts';
import type { EventObject } from '../../../src/words.ts';
import { createTestPipeline } from '../../support/pipeline-rig.ts';
import { createRandom } from './random.ts';

const [name = '', folder = '.'] = process.argv.slice(2);
const catalogue = createCatalogue();
const at = (second: number) => new Date(Date.UTC(2026, 0, 2) + second * 1_000).toISOString();
const post = (id: number, event_type: string, second: number, more: EventObject) => ({
  event_type,
  event_class: 'Post',
  object: { id, created_at: at(0), updated_at: at(second), ...more },
});

function subscription(id: string, events: string, where: string | null, options: EventObject = {}): Subscription {
  const spec = parseEventSpec(events, catalogue);
  if (spec.outcome !== 'ok') throw new Error(`no event spec: ${events}`);
  const parts = { id, events: spec.spec, rooms: ['console:a'], template: null, options: parseOptions(options) };
  if (where === null) return { ...parts, where: null };
  const compiled = compileCondition(where, [catalogue.model('posts')!]);
  if (compiled.outcome !== 'ok') throw new Error(`no condition: ${where}`);
  return { ...parts, where: compiled.condition };
}

/** Creates a pipeline over a store on disk, without an outbox. */
async function ingest(subscriptions: readonly Subscription[]) {
  const store = await openStore(join(folder, `${name}.db`));
  const [room] = await storeRooms(store.db, [
    { name: 'a', address: 'console:a', platform: 'console', account: 'console' },
  ]);
  const pipeline = createTestPipeline(store, systemClock, {
    router: createRouter(subscriptions, catalogue),
    roomId: () => room?.id,
  });
  return { store, pipeline };
}

const derived = ['posts#create', 'posts#confirmed', 'posts#disputed', 'posts#deleted'].map((events, n) =>
  subscription(`s${n}`, events, null),
);

/** Returns the time for the first tenth of some events and for the last, ms. */
async function timed(count: number, take: (n: number) => void, idle: () => Promise<void>) {
  const tenth = count / 10;
  const took: number[] = [];
  for (let part = 0; part < 10; part++) {
    const began = performance.now();
    for (let n = 1; n <= tenth; n++) take(part * tenth + n);
    await idle();
    took.push(performance.now() - began);
  }
  // The first one includes the start of everything.
  return { earlyMs: took[1]!, lateMs: took[9]! };
}

const cases: Readonly<Record<string, () => Promise<object>>> = {
  async feedbacks() {
    const { store, pipeline } = await ingest(derived);
    pipeline.receive(post(1, 'create', 0, { title: 'Buy', body: 'x'.repeat(30_000) }));
    const times = await timed(
      10_000,
      (n) =>
        pipeline.receive({
          event_type: 'create',
          event_class: 'Feedback',
          object: {
            id: n,
            post_id: 1,
            feedback_type: n % 3 === 0 ? 'fp-' : 'tpu-',
            user_id: n,
            created_at: at(n),
            updated_at: at(n),
          },
        }),
      () => pipeline.idle(),
    );
    const { state } = await readPost(store.db, 'post:1');
    const told = await store.db.selectFrom('events').select('type').where('origin', '=', 'derived').execute();
    const { title, counts, votes } = state;
    return { ...times, title, tp: counts.tp, fp: counts.fp, listed: votes.length, told: told.map(({ type }) => type) };
  },

  async updates() {
    const { store, pipeline } = await ingest(derived);
    pipeline.receive(post(1, 'create', 0, { title: 'Buy', body: 'x'.repeat(5_000) }));
    const times = await timed(
      6_000,
      (n) => pipeline.receive(post(1, 'update', n, { is_tp: n % 2 === 0 })),
      () => pipeline.idle(),
    );
    const { state } = await readPost(store.db, 'post:1');
    return { ...times, title: state.title, body: String(state.row.body).length };
  },

  async reports() {
    const times: number[] = [];
    for (const options of [{}, { merge_reports: 600_000 }]) {
      const { store, pipeline } = await ingest([subscription('s', 'posts#create', null, options)]);
      const first = times.length * 4_000;
      const began = performance.now();
      for (let n = 1; n <= 4_000; n++) {
        pipeline.receive(post(first + n, 'create', 0, { link: `//a.stackexchange.com/q/${first + (n % 3_000)}` }));
        if (n % 500 === 0) await pipeline.idle();
      }
      times.push(performance.now() - began);
      const merged = await store.db.selectFrom('deliveries').select('id').where('state', '=', 'cancelled').execute();
      await store.close();
      if (times.length === 2) return { withoutMs: times[0], withMs: times[1], merged: merged.length };
    }
    return {};
  },

  async conditions() {
    const random = createRandom(2026);
    const where = Array.from({ length: 50 }, (_, n) => `object.body.matches("(a[ab]{0,${70 + n}}){2}[0-9]$")`);
    const router = createRouter(
      where.map((text, n) => ({ ...subscription(`s${n}`, 'posts#create', text), rooms: [`console:${n}`] })),
      catalogue,
    );
    let longestMs = 0;
    let failed = 0;
    for (let event = 0; event < 60; event++) {
      const body = Array.from({ length: 32 * 1024 }, () => random.pick(['a', 'b'])).join('');
      // Only of this thread, because the machine may be busy with other things.
      const began = process.threadCpuUsage();
      const matches = router.route(
        {
          source: 'm',
          model: 'posts',
          role: 'report',
          class: 'Post',
          type: 'create',
          rowId: String(event),
          subject: `post:${event}`,
          updatedAt: null,
          receivedAt: 0,
          origin: 'live',
          object: { id: event, body },
        },
        null,
      );
      const { user, system } = process.threadCpuUsage(began);
      longestMs = Math.max(longestMs, (user + system) / 1_000);
      failed += matches.filter(({ conditionFailed }) => conditionFailed !== null).length;
      await setImmediate();
    }
    return { longestMs, failed };
  },

  async strangers() {
    const hub = await startHub({
      port: 0,
      keys: [new Secret('k', 'here')],
      clock: systemClock,
      log: silentLog,
      catalogue,
    });
    const frame = JSON.stringify({ command: 'subscribe', identifier: '<'.repeat(10_000) });
    const gone: Promise<unknown>[] = [];
    for (let n = 0; n < 40; n++) {
      const socket = new WebSocket(hub.url, ['actioncable-v1-json']);
      gone.push(new Promise((resolve) => socket.on('close', resolve)));
      socket.on('error', () => {});
      socket.on('open', () => {
        socket.pause();
        const flood = () => {
          for (let sent = 0; sent < 20 && socket.readyState === WebSocket.OPEN; sent++) socket.send(frame);
          if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 1_000_000) setTimeout(flood, 1);
          else if (socket.readyState === WebSocket.OPEN) setTimeout(flood, 20);
        };
        flood();
      });
      // A socket that does not read does not notice that it was closed.
      socket.on('open', () => setTimeout(() => socket.terminate(), 8_000));
    }
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
    while (hub.clients === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let waited = 0; hub.clients > 0 && waited < 7_000; waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const clients = hub.clients;
    clearInterval(watch);
    await Promise.all(gone);
    await hub.stop();
    return { clients, mostMb: most / 1e6 };
  },
};

const lag = monitorEventLoopDelay({ resolution: 5 });
lag.enable();
const run = cases[name];
if (run === undefined) throw new Error(`no such case: ${name}`);
const result = await run();
const memory = { maxRssMb: process.resourceUsage().maxRSS / 1024 };
console.log(JSON.stringify({ ...result, ...memory, lagMs: lag.max / 1e6 }));
process.exit();
