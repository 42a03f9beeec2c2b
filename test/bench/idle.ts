import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { count, defineRow, type Progress, type Row, type Values } from './row.ts';

const bare = fileURLToPath(new URL('./floor-idle.ts', import.meta.url));
/** Time until the first checks of rooms and the first garbage collections are over, ms. */
const settledAfterMs = 1_000;
/** Time without requests to the platform after which a start is over, ms. */
const quietMs = 1_000;

interface MemorySize {
  readonly idleSeconds: number;
}

async function measureMemory({ idleSeconds }: MemorySize): Promise<Values> {
  const floor = startChild(process.execPath, [bare]);
  const line = await floor.waitForOutput((said) => said.startsWith('MB '), 'memory', 20_000);
  const floorMb = Number(line.slice('MB '.length));
  await floor.end('SIGKILL');

  const [cable, discord, matrix] = await Promise.all([startCableServer(), startDiscordDouble(), startHomeserver()]);
  const room = matrix.rooms.create({ members: { [matrix.user]: 'join' } });
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: {
      discord: { api: discord.url, token: discord.bot.token },
      matrix: { homeserver: matrix.url, token: fakeToken },
    },
    rooms: { discord: `discord:${discord.createChannel()}`, matrix: `matrix:${room}` },
    subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'] }],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    await lookout.process.whileRunning(pause(idleSeconds * 1_000));
    return { memory: { value: (await lookout.look()).residentMb, floor: floorMb } };
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), discord.stop(), matrix.stop()]);
  }
}

/** Quiet hours of every day, in UTC, that are far from now. */
function hoursLater(): string {
  const hour = new Date().getUTCHours();
  const at = (hours: number) => `${String((hour + hours) % 24).padStart(2, '0')}:00`;
  return `${at(11)}-${at(13)}`;
}

interface RoomsSize {
  /** Numbers of rooms, each for a separate process; the first is the floor. */
  readonly rooms: readonly [number, number, number];
  readonly idleSeconds: number;
}

/** Measures CPU and memory of a process with idle rooms. */
async function measureIdle(
  rooms: number,
  idleSeconds: number,
): Promise<{ readonly cores: number; readonly residentMb: number }> {
  const server = await startPlatform(platforms.matrix);
  const cable = await startCableServer();
  const subscribed = cable.subscribed();
  const lookout = await startConfigured(
    roomsConfig(cable.url, platforms.matrix, server.url, { count: rooms, waves: 'off', quiet: hoursLater() }),
  );
  try {
    await lookout.process.whileRunning(subscribed);
    await lookout.process.whileRunning(server.untilQuiet(quietMs));
    await lookout.process.whileRunning(pause(settledAfterMs));
    await lookout.look();
    const started = performance.now();
    await lookout.process.whileRunning(pause(idleSeconds * 1_000));
    const { cpuSeconds, residentMb } = await lookout.look();
    return { cores: cpuSeconds / ((performance.now() - started) / 1_000), residentMb };
  } finally {
    await lookout.stop();
    await cable.stop();
    server.stop();
  }
}

async function measureRooms({ rooms: [few, ...more], idleSeconds }: RoomsSize, progress: Progress): Promise<Values> {
  progress(`${few} rooms`);
  const least = await measureIdle(few, idleSeconds);
  const values: Record<string, { value: number; floor: number }> = {};
  for (const [index, rooms] of more.entries()) {
    progress(`${rooms} rooms`);
    const { cores, residentMb } = await measureIdle(rooms, idleSeconds);
    values[`cpu${index}`] = { value: cores, floor: least.cores };
    values[`memory${index}`] = { value: residentMb, floor: least.residentMb };
  }
  return values;
}

export const idleRows: readonly Row[] = [
  defineRow<MemorySize>({
    name: 'idle-memory',
    group: 'idle',
    sizes: { quick: { idleSeconds: 3 }, full: { idleSeconds: 10 } },
    limitSeconds: { quick: 20, full: 30 },
    figures: ({ idleSeconds }) => [
      {
        name: 'memory',
        what: `memory after ${idleSeconds} s without an event, on Discord and Matrix`,
        unit: 'MB',
        better: 'less',
        floor: 'a process that imported both client libraries',
        grain: 20,
        goal: { kind: 'at most', value: 150 },
      },
    ],
    measure: measureMemory,
  }),
  defineRow<RoomsSize>({
    name: 'idle-rooms',
    group: 'idle',
    sizes: {
      quick: { rooms: [2, 100, 300], idleSeconds: 6 },
      full: { rooms: [2, 1_000, 3_000], idleSeconds: 6 },
    },
    limitSeconds: { quick: 40, full: 70 },
    figures: ({ rooms: [few, ...more] }) =>
      more.flatMap((rooms, index) => {
        const what = `${count(rooms)} rooms with quiet hours, in which nothing happens`;
        const floor = `${few} rooms`;
        const common = { better: 'less', floor } as const;
        return [
          {
            ...common,
            name: `cpu${index}`,
            what: `${what}: CPU, of one core`,
            unit: 'cores',
            grain: 0.02,
            goal: { kind: 'above the floor by at most', value: 0.02 },
          },
          { ...common, name: `memory${index}`, what: `${what}: memory`, unit: 'MB', grain: 20 },
        ] as const;
      }),
    measure: measureRooms,
  }),
];
