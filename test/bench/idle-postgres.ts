import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../support/postgres/server.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { measureLatency } from './quiet.ts';
import { roomsConfig } from './rooms-config.ts';
import { alone, count, defineRow, type Figure, type Progress, type Row, type Values } from './row.ts';
import { serverCpuSeconds } from './server-cpu.ts';

/** Time without requests to the platform after which the rooms are open, ms. */
const QUIET_MS = 1_000;
/** Pause between two events that are measured one at a time, ms. */
const PAUSE_MS = 5;
/** Counts statements at once, which `pg_stat_database` does up to ten seconds later. Part of PostgreSQL's contrib, as packages have it. */
const COUNTING = 'pg_stat_statements';
const statementsSql = `select coalesce(sum(calls), 0) as n from ${COUNTING} s join pg_database d on d.oid = s.dbid
  where d.datname = 'lookout'`;
const unresolvedSql = 'select count(*) as n from rooms where resolved is null';
/** Largest number of statements in a second after the start: about twice those of a few rooms. */
const MOST_IN_A_SECOND = 25;
/** Interval between two looks at the rooms, ms. */
const ASK_EVERY_MS = 200;

interface Size {
  /** Numbers of rooms, each for a separate process and database; the first is the floor. */
  readonly rooms: readonly [number, number];
  readonly idleSeconds: number;
  /** Events that are measured one at a time. */
  readonly events: number;
}

interface Measured {
  /** A second. */
  readonly statements: number;
  /** Of one core. */
  readonly cores: number;
  readonly serverCores: number;
  readonly residentMb: number;
  /** From the event on the socket to the request at the platform, median, ms. */
  readonly p50: number;
}

/** Measures a Lookout and its server while nothing happens in its rooms, and then an event to another room. */
async function measureIdle(rooms: number, { idleSeconds, events }: Size, progress: Progress): Promise<Measured> {
  const { matrix } = platforms;
  const database = await startPostgres(['fsync=on', `shared_preload_libraries=${COUNTING}`]);
  const server = await startPlatform(matrix);
  const cable = await startCableServer();
  try {
    await database.run('create database lookout');
    await database.run(`create extension ${COUNTING}`);
    const subscribed = cable.subscribed();
    // The votes are for all rooms, the reports for the first one alone.
    const all = { count: rooms, waves: 'off', events: 'feedbacks#create' } as const;
    const { subscriptions, ...config } = roomsConfig(cable.url, matrix, server.url, all);
    const lookout = await startConfigured(
      { ...config, subscriptions: [...subscriptions, { events: 'posts#create', rooms: 'room1' }] },
      { postgres: database.url('lookout') },
    );
    const { whileRunning } = lookout.process;
    progress('start');
    await whileRunning(subscribed);
    await whileRunning(server.untilQuiet(QUIET_MS));
    const statements = async () => Number((await database.run(statementsSql))[0]?.n);
    // Each room is noted in the store at its first start, and looks for its work then.
    while (Number((await database.run(unresolvedSql, 'lookout'))[0]?.n) > 0) await whileRunning(pause(ASK_EVERY_MS));
    const inASecond = async () => {
      const before = await statements();
      await whileRunning(pause(1_000));
      return (await statements()) - before;
    };
    while ((await inASecond()) > MOST_IN_A_SECOND);
    progress('nothing happens');
    await lookout.look();
    const before = await statements();
    const cpuBefore = serverCpuSeconds(database.pid);
    const started = performance.now();
    await whileRunning(pause(idleSeconds * 1_000));
    const { cpuSeconds, residentMb } = await lookout.look();
    const seconds = (performance.now() - started) / 1_000;
    const serverSeconds = serverCpuSeconds(database.pid) - cpuBefore;
    const made = (await statements()) - before;
    progress('one event at a time');
    const { p50 } = await whileRunning(measureLatency(cable, server, { events, warmUp: 10 }, PAUSE_MS));
    await lookout.stop();
    return {
      ...{ statements: made / seconds, cores: cpuSeconds / seconds, serverCores: serverSeconds / seconds },
      ...{ residentMb, p50 },
    };
  } finally {
    await cable.stop();
    server.stop();
    await database.stop();
  }
}

async function measure(size: Size, progress: Progress): Promise<Values> {
  const [few, many] = size.rooms;
  const least = await measureIdle(few, size, (text) => progress(`${few} rooms: ${text}`));
  const found = await measureIdle(many, size, (text) => progress(`${many} rooms: ${text}`));
  const names = Object.keys(found) as (keyof Measured)[];
  return {
    ...Object.fromEntries(names.map((name) => [name, { value: found[name], floor: least[name] }])),
    // With few rooms it may be less than the clock of /proc can tell.
    serverCores: alone(found.serverCores),
  };
}

function figures({ rooms: [few, many], events }: Size): readonly Figure[] {
  const what = `${count(many)} rooms in which nothing happens, on PostgreSQL`;
  const common = { better: 'less', floor: `${few} rooms` } as const;
  return [
    { ...common, name: 'statements', what: `${what}: statements`, unit: '/s', grain: 3 },
    { ...common, name: 'cores', what: `${what}: CPU of Lookout, of one core`, unit: 'cores', grain: 0.02 },
    { ...common, name: 'serverCores', what: `${what}: CPU of the server, of one core`, unit: 'cores', floor: null },
    { ...common, name: 'residentMb', what: `${what}: memory of Lookout`, unit: 'MB', grain: 20 },
    {
      ...common,
      name: 'p50',
      what: `${what}: event on the socket → request at the platform for one more room, ${count(events)} one at a time: median`,
      unit: 'ms',
      grain: 2,
    },
  ];
}

export const idlePostgresRows: readonly Row[] = [
  defineRow<Size>({
    name: 'idle-postgres',
    group: 'idle',
    sizes: {
      quick: { rooms: [2, 300], idleSeconds: 1, events: 15 },
      full: { rooms: [2, 10_000], idleSeconds: 10, events: 200 },
    },
    limitSeconds: { quick: 90, full: 400 },
    figures,
    measure,
  }),
];
