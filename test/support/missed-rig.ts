import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import { createStatus } from '../../src/commands/status.ts';
import type { Config } from '../../src/config/config.ts';
import type { Pipeline } from '../../src/ingest/pipeline.ts';
import { listGaps } from '../../src/inputs/gaps/gap-rows.ts';
import { createGapRecovery, type GapRecovery } from '../../src/inputs/gaps/recover-gaps.ts';
import type { Log } from '../../src/log.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { createRouter } from '../../src/router/router.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import type { Gap } from '../../src/words.ts';
import { read } from '../config/config-files.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from './metasmoke-api.ts';
import { createTestPipeline } from './pipeline-rig.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { advanceUntil } from './until.ts';

/** One process after the other over one store, with what concerns gaps; the test is the source. */
export interface MissedRig {
  readonly clock: TestClock;
  readonly api: MetasmokeApiDouble;
  readonly store: Store;
  readonly missed: GapRecovery;
  readonly pipeline: Pipeline;
  /** The texts that operators were sent, by all processes. */
  readonly told: readonly string[];
  readonly said: readonly string[];
  /** Starts a process; the source confirms the subscription at once. */
  start(options?: {
    readonly events?: string;
    readonly isSubscribed?: boolean;
    readonly hasApi?: boolean;
  }): Promise<void>;
  /** The source confirms the subscription of a process that was started without. */
  subscribe(): void;
  /** The source sends something. */
  frame(): void;
  /** Lets time pass, with a frame every three seconds. */
  listen(ms: number): Promise<void>;
  /** Ends the process as SIGTERM does. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL does, as far as what is stored goes. */
  kill(): Promise<void>;
  gaps(): Promise<readonly Gap[]>;
  /** The text of `status` about gaps. */
  status(): Promise<string>;
  /** Ids of the posts that are in the store. */
  posts(): Promise<readonly number[]>;
  until(condition: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
}

export async function createMissedRig(): Promise<MissedRig> {
  const clock = createTestClock();
  const api = await startMetasmokeApi();
  const store = await openStore(':memory:');
  const { db } = store;
  const told: string[] = [];
  const said: string[] = [];
  const at = (level: string) => (fields: object, text: string) => void said.push(`${level} ${text} ${inspect(fields)}`);
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  let running: { readonly missed: GapRecovery; readonly pipeline: Pipeline } | null = null;
  let heardUntil: number | null = null;

  function now(): { readonly missed: GapRecovery; readonly pipeline: Pipeline } {
    if (running === null) throw new Error('no process runs');
    return running;
  }

  async function start({ events = 'posts#create', isSubscribed = true, hasApi = true } = {}): Promise<void> {
    const yaml = [
      `source: { url: "wss://x.example/cable", key: ${api.key}${hasApi ? `, api: "${api.url}"` : ''} }`,
      'store: memory',
      `subscriptions: [{ events: "${events}", rooms: "console:here" }]`,
    ];
    const config = read(`${yaml.join('\n')}\n`).config as Config;
    const rooms = await storeRooms(db, config.rooms);
    const router = createRouter(config.subscriptions, config.catalogue);
    const pipeline = createTestPipeline(store, clock, {
      catalogue: config.catalogue,
      router,
      roomId: () => rooms[0]?.id,
      log,
    });
    const missed = await createGapRecovery({
      ...{ config: () => config, db, router, pipeline, tell: (_cause, text) => void told.push(text) },
      ...{ wake: () => {}, refreshCards: async () => {}, clock, log },
    });
    running = { missed, pipeline };
    heardUntil = null;
    missed.start({
      get heardUntil() {
        return heardUntil;
      },
    });
    if (!isSubscribed) return;
    rig.subscribe();
    await clock.advance(0);
  }

  async function end(signal: AbortSignal): Promise<void> {
    const { missed, pipeline } = now();
    running = null;
    const ended = Promise.all([missed.stop(signal), pipeline.stop(signal)]);
    await clock.advance(0);
    await ended;
  }

  const rig: MissedRig = {
    ...{ clock, api, store, told, said, start },
    get missed() {
      return now().missed;
    },
    get pipeline() {
      return now().pipeline;
    },
    subscribe() {
      heardUntil = clock.wall();
      now().missed.beforeStart();
    },
    frame() {
      heardUntil = clock.wall();
    },
    async listen(ms) {
      for (let left = ms; left > 0; left -= 3_000) {
        await clock.advance(Math.min(3_000, left));
        rig.frame();
      }
    },
    stop: () => end(new AbortController().signal),
    kill: () => end(AbortSignal.abort()),
    gaps: () => listGaps(db, 0, 100),
    async status() {
      const command = createStatus({
        status: () => ({
          source: 's',
          lastEventAt: null,
          events: 0,
          version: '0',
          fleet: [],
          trouble: () => null,
          connections: () => null,
          refusal: () => null,
          encryption: async () => null,
          gaps: rig.gaps,
        }),
        waiting: async () => 0,
        holding: () => [],
      });
      const done = await command.run({ room: { id: null, timeZone: 'UTC' }, now: clock.now() } as never);
      return JSON.stringify(done);
    },
    async posts() {
      const rows = await db.selectFrom('events').select('row_id').where('model', '=', 'posts').orderBy('id').execute();
      return rows.map((row) => Number(row.row_id));
    },
    until: (condition, stepMs = 50) => advanceUntil(clock, condition, stepMs),
  };
  onTestFinished(async () => {
    if (running !== null) await rig.kill();
    await api.stop();
    await store.close();
  });
  return rig;
}
