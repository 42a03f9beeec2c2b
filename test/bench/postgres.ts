import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';
import { rate } from './burst.ts';
import { startCableServer } from './cable-server.ts';
import { type BenchedLookout, startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { measureLatency } from './quiet.ts';
import { roomsConfig } from './rooms-config.ts';
import { alone, count, defineRow, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { serverCpuSeconds } from './server-cpu.ts';

const platform = platforms.matrix;
/** Pause between two events that are measured one at a time, ms. */
const PAUSE_MS = 5;

interface Size {
  /** Events that are measured one at a time. */
  readonly quiet: number;
  /** Events that are sent all at once. */
  readonly burst: number;
  readonly rooms: number;
}

interface Measured {
  /** ms */
  readonly p50: number;
  /** Messages a second. */
  readonly rate: number;
  /** CPU seconds of the process for 1,000 messages, without the server's. */
  readonly cpu: number;
  /** CPU seconds of the server for 1,000 messages; 0 with SQLite. */
  readonly server: number;
}

/** Measures one Lookout over one store. Every event goes to every room. */
async function measureOn(
  database: PostgresServer | null,
  { quiet, burst, rooms }: Size,
  progress: Progress,
): Promise<Measured> {
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  let benched: BenchedLookout | null = null;
  try {
    const start = async (number: number) => {
      const subscribed = cable.subscribed();
      const configuration = roomsConfig(cable.url, platform, server.url, { count: number, waves: 'off' });
      benched = await startConfigured(configuration, database === null ? {} : { postgres: database.url('lookout') });
      await benched.process.whileRunning(subscribed);
      return benched;
    };
    progress('one at a time');
    let lookout = await start(1);
    const { p50 } = await lookout.process.whileRunning(
      measureLatency(cable, server, { events: quiet, warmUp: 20 }, PAUSE_MS),
    );
    await lookout.stop();

    progress('all at once');
    lookout = await start(rooms);
    const first = quiet + 21;
    const warm = server.afterMessages(rooms, progress);
    cable.send(postCreated(first));
    await lookout.process.whileRunning(warm);
    await lookout.look();
    const serverCpu = () => (database === null ? 0 : serverCpuSeconds(database.pid));
    const serverBefore = serverCpu();
    const done = server.afterMessages(burst * rooms, progress);
    let left: bigint | undefined;
    for (let id = first + 1; id <= first + burst; id++) {
      const sentAt = cable.send(postCreated(id));
      left ??= sentAt;
    }
    const { at } = await lookout.process.whileRunning(done);
    const { cpuSeconds } = await lookout.look();
    const serverSeconds = serverCpu() - serverBefore;
    await lookout.stop();
    const perThousand = (seconds: number) => (seconds * 1_000) / (burst * rooms);
    return {
      ...{ p50, rate: rate(burst * rooms, left ?? 0n, at) },
      ...{ cpu: perThousand(cpuSeconds), server: perThousand(serverSeconds) },
    };
  } finally {
    await (benched as BenchedLookout | null)?.process.kill();
    await cable.stop();
    server.stop();
  }
}

async function measure(size: Size, progress: Progress): Promise<Values> {
  const sqlite = await measureOn(null, size, (text) => progress(`SQLite: ${text}`));
  // With its own default settings: each commit waits for the disk, as with SQLite.
  const database = await startPostgres(['fsync=on']);
  try {
    await database.run('create database lookout');
    const postgres = await measureOn(database, size, (text) => progress(`PostgreSQL: ${text}`));
    return {
      p50: { value: postgres.p50, floor: sqlite.p50 },
      rate: { value: postgres.rate, floor: sqlite.rate },
      cpu: { value: postgres.cpu, floor: sqlite.cpu },
      server: alone(postgres.server),
    };
  } finally {
    await database.stop();
  }
}

export const postgresRows: readonly Row[] = [
  defineRow<Size>({
    name: 'postgres',
    group: 'postgres',
    sizes: { quick: { quiet: 60, burst: 20, rooms: 10 }, full: { quiet: 300, burst: 50, rooms: 50 } },
    limitSeconds: { quick: 60, full: 120 },
    figures({ quiet, burst, rooms }) {
      const what = 'PostgreSQL on this machine';
      const floor = 'the same with SQLite';
      const together = `${count(burst)} events to ${rooms} rooms at once`;
      return [
        {
          name: 'p50',
          what: `${what}: event on the socket → request at the platform, ${count(quiet)} one at a time: median`,
          ...{ unit: 'ms', better: 'less', floor, grain: 2 },
        },
        { name: 'rate', what: `${what}: ${together}: messages`, unit: '/s', better: 'more', floor },
        {
          name: 'cpu',
          what: `${what}: ${together}: CPU of Lookout for 1,000 messages`,
          unit: 'CPU s',
          better: 'less',
          floor,
          grain: 0.5,
        },
        {
          name: 'server',
          what: `${what}: ${together}: CPU of the server for 1,000 messages`,
          unit: 'CPU s',
          better: 'less',
          floor: null,
        },
      ];
    },
    measure,
  }),
];
