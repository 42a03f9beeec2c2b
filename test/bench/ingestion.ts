import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseEventSpec } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { createRouter } from '../../src/router/router.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { openHeld } from '../../src/store/open-place.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { startPostgres } from '../support/postgres/server.ts';
import { median } from './median.ts';
import { alone, count, defineRow, type Figure, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { serverCpuSeconds } from './server-cpu.ts';

const roomsUpTo = (last: number) => Array.from({ length: last }, (_, index) => `matrix:!room${index + 1}:localhost`);
const twoRooms = roomsUpTo(2);

/** Runs `work` with a fresh file, and returns the number of events per second. */
async function perSecond(
  events: number,
  work: (file: string, frames: readonly string[]) => Promise<void>,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const frames = Array.from({ length: events }, (_, index) => postCreated(index + 1));
  try {
    const started = performance.now();
    await work(join(directory, 'bench.db'), frames);
    return events / ((performance.now() - started) / 1000);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Measures from an Action Cable message's text to a committed event with a delivery for each of two rooms; nothing is
 * sent.
 */
async function throughPipeline(store: Store, frames: readonly string[], rooms = twoRooms): Promise<void> {
  const stored = await storeRooms(
    store.db,
    rooms.map((address) => ({ name: address, address, platform: 'matrix', account: 'matrix' })),
  );
  const ids = new Map(stored.map(({ address, id }) => [address, id]));
  const catalogue = createCatalogue();
  const parsed = parseEventSpec('posts#create', catalogue);
  if (parsed.outcome !== 'ok') throw new Error('posts#create is not an event spec');
  const pipeline = createTestPipeline(store, systemClock, {
    router: createRouter(
      [{ id: 'bench', events: parsed.spec, where: null, rooms, template: null, options: noOptions }],
      catalogue,
    ),
    roomId: (address) => ids.get(address),
  });
  for (const frame of frames) pipeline.receive(JSON.parse(frame));
  await pipeline.idle();
  if (pipeline.counts.received !== frames.length)
    throw new Error(`committed ${pipeline.counts.received} of ${frames.length}`);
}

async function intoSqlite(file: string, frames: readonly string[]): Promise<void> {
  const store = await openStore(file);
  await throughPipeline(store, frames);
  await store.close();
}

/**
 * Writes the same rows into as many tables through node:sqlite alone, in transactions of 200 events, with the same
 * durability.
 */
async function bareSqlite(file: string, frames: readonly string[]): Promise<void> {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE events (id INTEGER PRIMARY KEY, identity TEXT UNIQUE, object TEXT)');
  database.exec('CREATE TABLE deliveries (id INTEGER PRIMARY KEY, event INTEGER, room INTEGER, UNIQUE (event, room))');
  const event = database.prepare('INSERT INTO events (identity, object) VALUES (?, ?) RETURNING id');
  const delivery = database.prepare('INSERT INTO deliveries (event, room) VALUES (?, 1), (?, 2)');
  for (let start = 0; start < frames.length; start += 200) {
    database.exec('BEGIN');
    for (const frame of frames.slice(start, start + 200)) {
      const { object } = JSON.parse(frame) as { object: { id: number } };
      const id = Number(event.get(`create ${object.id}`, JSON.stringify(object))?.id);
      delivery.run(id, id);
    }
    database.exec('COMMIT');
  }
  database.close();
}

/** Number of measurements for each value, of which the best counts, because another program may have used the processor. */
const times = 3;

interface Size {
  readonly events: number;
}

async function measure({ events }: Size): Promise<Values> {
  await perSecond(Math.ceil(events / 10), intoSqlite); // the first one includes the compiler
  await perSecond(Math.ceil(events / 10), bareSqlite);
  let [value, floor] = [0, 0];
  for (let time = 0; time < times; time++) {
    floor = Math.max(floor, await perSecond(events, bareSqlite));
    value = Math.max(value, await perSecond(events, intoSqlite));
  }
  return { rate: { value, floor } };
}

/** Costs of an event that is stored with its two deliveries. */
interface Costs {
  /** Events a second. */
  readonly rate: number;
  /** CPU seconds for 1,000 events: of this process, and of the server. */
  readonly cpu: number;
  readonly server: number;
  /** Time to store an event for many rooms, median, ms. */
  readonly wide: number;
}

/** Size of the measurement on PostgreSQL. */
interface PostgresSize extends Size {
  /** Rooms of an event for many. */
  readonly rooms: number;
}

/** Number of events for many rooms, of which the median counts, after one that includes the compiler. */
const wideEvents = 5;

/** Returns the median time to store an event for many rooms, ms. */
async function wideMs(store: Store, first: number, rooms: number): Promise<number> {
  const took: number[] = [];
  for (let event = 0; event <= wideEvents; event++) {
    const started = performance.now();
    await throughPipeline(store, [postCreated(first + event)], roomsUpTo(rooms));
    if (event > 0) took.push(performance.now() - started);
  }
  return median(took);
}

async function costsOf(
  store: Store,
  first: number,
  events: number,
  serverCpu: () => number,
): Promise<Omit<Costs, 'wide'>> {
  const frames = Array.from({ length: events }, (_, index) => postCreated(first + index));
  const [cpuBefore, serverBefore, started] = [process.cpuUsage(), serverCpu(), performance.now()];
  await throughPipeline(store, frames);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    rate: events / seconds,
    cpu: (user + system) / 1_000 / events,
    server: ((serverCpu() - serverBefore) * 1_000) / events,
  };
}

/** Stores events on PostgreSQL and in a file. The store is warmed up by a tenth of them. */
async function measureOnPostgres({ events, rooms }: PostgresSize): Promise<Values> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const database = await startPostgres(['fsync=on']);
  const warmUp = Math.ceil(events / 10);
  const costs = async (store: Store, serverCpu: () => number): Promise<Costs> => {
    await costsOf(store, 1, warmUp, serverCpu);
    const found = await costsOf(store, warmUp + 1, events, serverCpu);
    const wide = await wideMs(store, warmUp + events + 1, rooms);
    await store.close();
    return { ...found, wide };
  };
  try {
    const sqlite = await costs(await openStore(join(directory, 'bench.db')), () => 0);
    await database.run('create database lookout');
    const held = await openHeld({ kind: 'postgres', address: database.address('lookout') });
    const postgres = await costs(held, () => serverCpuSeconds(database.pid));
    return {
      rate: { value: postgres.rate, floor: sqlite.rate },
      cpu: { value: postgres.cpu, floor: sqlite.cpu },
      server: alone(postgres.server),
      wide: { value: postgres.wide, floor: sqlite.wide },
    };
  } finally {
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function figuresOnPostgres({ events, rooms }: PostgresSize): readonly Figure[] {
  const what = `PostgreSQL: ingestion alone, ${count(events)} events for 2 rooms`;
  const floor = 'the same with SQLite';
  const cost = { unit: 'CPU s', better: 'less', grain: 0.2 } as const;
  return [
    { name: 'rate', what: `${what}: committed`, unit: '/s', better: 'more', floor },
    { name: 'cpu', what: `${what}: CPU of Lookout for 1,000 events`, ...cost, floor },
    { name: 'server', what: `${what}: CPU of the server for 1,000 events`, ...cost, floor: null },
    {
      name: 'wide',
      what: `PostgreSQL: one event for ${count(rooms)} rooms: committed after`,
      ...{ unit: 'ms', better: 'less', floor, grain: 50 },
    },
  ];
}

export const ingestionRows: readonly Row[] = [
  defineRow<Size>({
    name: 'ingestion',
    group: 'ingestion',
    sizes: { quick: { events: 3_000 }, full: { events: 10_000 } },
    limitSeconds: { quick: 15, full: 30 },
    figures: ({ events }) => [
      {
        name: 'rate',
        what: `ingestion alone, ${count(events)} events for 2 rooms, the best of ${times} times: committed`,
        unit: '/s',
        better: 'more',
        floor: 'as many rows through node:sqlite alone, in transactions of 200 events',
        goal: { kind: 'at least', value: 10_000 },
      },
    ],
    measure,
  }),
  defineRow<PostgresSize>({
    name: 'ingestion-postgres',
    group: 'postgres',
    sizes: { quick: { events: 1_000, rooms: 1_000 }, full: { events: 10_000, rooms: 10_000 } },
    limitSeconds: { quick: 40, full: 90 },
    figures: figuresOnPostgres,
    measure: measureOnPostgres,
  }),
];
