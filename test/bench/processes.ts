import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { accountsConfig } from './accounts-config.ts';
import { rate } from './burst.ts';
import { type CableServer, startCableServer } from './cable-server.ts';
import { type BenchedLookout, startConfigured } from './lookout.ts';
import { type PlatformProcess, startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { alone, count, defineRow, type Figure, type Progress, type Row, type Value, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { serverCpuSeconds } from './server-cpu.ts';

/** Longest wait until the processes have shared the units, ms. A unit is handed over ten seconds after it was taken. */
const SHARED_MS = 60_000;
/** Interval between two looks at the leases, ms. */
const LOOK_EVERY_MS = 100;

interface Size {
  /** Numbers of processes, each with as many accounts. */
  readonly processes: readonly number[];
  readonly events: number;
  /** Rooms, which the accounts share. */
  readonly rooms: number;
}

interface Measured {
  /** Messages a second. */
  readonly rate: number;
  /** CPU seconds for 1,000 messages: of all processes together, of the one with most of it, and of PostgreSQL. */
  readonly cpu: number;
  readonly most: number;
  readonly server: number;
}

interface Stage {
  readonly cable: CableServer;
  readonly chat: PlatformProcess;
}

/** Measures one process with SQLite and a number of accounts. */
async function measureSqlite(stage: Stage, accounts: number, size: Size, progress: Progress): Promise<Measured> {
  const subscribed = stage.cable.subscribed();
  const one = await startConfigured(accountsConfig(stage.cable.url, stage.chat.url, accounts, size.rooms));
  try {
    await one.process.whileRunning(subscribed);
    const found = await measureBurst(stage, [one], size, () => 0, progress);
    await one.stop();
    return found;
  } finally {
    await one.process.kill();
  }
}

/** Measures as many processes as accounts, on a new database. */
async function measurePostgres(
  stage: Stage,
  database: PostgresServer,
  number: number,
  size: Size,
  progress: Progress,
): Promise<Measured> {
  const name = `lookout_${number}`;
  await database.run(`create database ${name}`);
  const configuration = accountsConfig(stage.cable.url, stage.chat.url, number, size.rooms);
  const all: BenchedLookout[] = [];
  try {
    const subscribed = stage.cable.subscribed();
    for (let index = 0; index < number; index++)
      all.push(await startConfigured(configuration, { postgres: database.url(name) }));
    const running = <T>(wanted: Promise<T>) => Promise.race(all.map((one) => one.process.whileRunning(wanted)));
    await running(subscribed);
    progress('until the units are shared');
    await running(untilShared(database, name, number));
    const found = await measureBurst(stage, all, size, () => serverCpuSeconds(database.pid), progress);
    // One after the other: each hands its units over.
    for (const one of all) await one.stop();
    return found;
  } finally {
    for (const one of all) await one.process.kill();
  }
}

/** Resolves when all units have a process, and no process has two more than another one. */
async function untilShared(database: PostgresServer, name: string, processes: number): Promise<void> {
  for (const giveUpAt = performance.now() + SHARED_MS; ; await pause(LOOK_EVERY_MS)) {
    const leases = await database.run('select unit, holder from leases where ends_at > clock_timestamp()', name);
    const held = Map.groupBy(leases, ({ holder }) => holder);
    const most = Math.max(...[...held.values()].map(({ length }) => length));
    if (leases.length === processes + 1 && held.size === processes && most <= 2) return;
    if (performance.now() > giveUpAt)
      throw new Error(`the units were not shared within ${SHARED_MS} ms: ${JSON.stringify(leases)}`);
  }
}

async function measureBurst(
  { cable, chat }: Stage,
  all: readonly BenchedLookout[],
  { events, rooms }: Size,
  serverCpu: () => number,
  progress: Progress,
): Promise<Measured> {
  const running = <T>(wanted: Promise<T>) => Promise.race(all.map((one) => one.process.whileRunning(wanted)));
  const warm = chat.afterMessages(rooms, (text) => progress(`to open the rooms: ${text}`));
  cable.send(postCreated(1));
  await running(warm);
  for (const one of all) await one.look();
  const serverBefore = serverCpu();
  const messages = events * rooms;
  const done = chat.afterMessages(messages, progress);
  let left: bigint | undefined;
  for (let id = 2; id <= events + 1; id++) {
    const at = cable.send(postCreated(id));
    left ??= at;
  }
  const { at } = await running(done);
  const server = serverCpu() - serverBefore;
  const each: number[] = [];
  for (const one of all) each.push((await one.look()).cpuSeconds);
  const perThousand = (seconds: number) => (seconds * 1_000) / messages;
  return {
    rate: rate(messages, left ?? 0n, at),
    cpu: perThousand(each.reduce((sum, one) => sum + one, 0)),
    most: perThousand(Math.max(...each)),
    server: perThousand(server),
  };
}

async function measure(size: Size, progress: Progress): Promise<Values> {
  const values: Record<string, Value> = {};
  const database = await startPostgres(['fsync=on']);
  const cable = await startCableServer();
  try {
    for (const number of size.processes) {
      const chat = await startPlatform(platforms.matrix);
      const stage = { cable, chat };
      const sqlite = await measureSqlite(stage, number, size, (text) =>
        progress(`SQLite, ${number} accounts: ${text}`),
      );
      const said = `PostgreSQL, ${number} processes`;
      const found = await measurePostgres(stage, database, number, size, (text) => progress(`${said}: ${text}`));
      values[`rate${number}`] = { value: found.rate, floor: sqlite.rate };
      values[`cpu${number}`] = { value: found.cpu, floor: sqlite.cpu };
      values[`most${number}`] = { value: found.most, floor: sqlite.most };
      values[`server${number}`] = alone(found.server);
      chat.stop();
    }
    return values;
  } finally {
    await cable.stop();
    await database.stop();
  }
}

function figuresOf(number: number, { events, rooms }: Size): readonly Figure[] {
  const who = number === 1 ? '1 process with 1 account' : `${number} processes with an account each`;
  const what = `${who}, on one PostgreSQL and the cores of this machine, ${count(events)} events to ${rooms} rooms at once`;
  const floor = `1 process with ${number === 1 ? '1 account' : `${number} accounts`} and SQLite`;
  const cost = { unit: 'CPU s', better: 'less', floor, grain: 0.5 } as const;
  return [
    { name: `rate${number}`, what: `${what}: messages`, unit: '/s', better: 'more', floor },
    { name: `cpu${number}`, what: `${what}: CPU of all processes for 1,000 messages`, ...cost },
    { name: `most${number}`, what: `${what}: of it that of the busiest process`, ...cost },
    { name: `server${number}`, what: `${what}: CPU of PostgreSQL for 1,000 messages`, ...cost, floor: null },
  ];
}

export const processRows: readonly Row[] = [
  defineRow<Size>({
    name: 'processes',
    group: 'processes',
    sizes: {
      quick: { processes: [2], events: 10, rooms: 20 },
      full: { processes: [1, 2, 4], events: 100, rooms: 40 },
    },
    limitSeconds: { quick: 90, full: 300 },
    figures: (size) => size.processes.flatMap((number) => figuresOf(number, size)),
    measure,
  }),
];
