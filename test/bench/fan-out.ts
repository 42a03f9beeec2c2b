import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Burst, measureFloorBurst, rate } from './burst.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { type Platform, platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { count, defineRow, type Figure, type Mode, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';

/** Lookout without its own limit for Discord. */
const unlimited = fileURLToPath(new URL('./unlimited-lookout.ts', import.meta.url));

interface Size extends Burst {
  /** The bare library sends fewer: its rate is the same from the first to the last. */
  readonly floorEvents: number;
}

/** At least one event per room, and some twenty messages. */
const warmUpEvents = (rooms: number) => Math.max(1, Math.ceil(20 / rooms));

/** Sends `events` to each of `rooms`, one at a time in each room, all at once on the socket. */
async function measure(platform: Platform, size: Size, progress: Progress): Promise<Values> {
  const { events, rooms, perSecond, floorEvents } = size;
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  try {
    const floor = await measureFloorBurst(platform, server, { events: floorEvents, rooms, perSecond }, progress);

    const subscribed = cable.subscribed();
    const benched = await startConfigured(
      roomsConfig(cable.url, platform, server.url, { count: rooms, waves: 'off' }),
      platform.name === 'discord' && perSecond > platform.perSecond ? { program: unlimited } : {},
    );
    await benched.process.whileRunning(subscribed);
    const warmUp = warmUpEvents(rooms);
    const warm = server.afterMessages(warmUp * rooms, (text) => progress(`to open the rooms: ${text}`));
    for (let id = 1; id <= warmUp; id++) cable.send(postCreated(id));
    await benched.process.whileRunning(warm);
    // Wait until the account may again send the number of a whole second.
    if (Number.isFinite(perSecond)) await pause(1_500);
    await benched.look();
    const done = server.afterMessages(events * rooms, progress);
    let left: bigint | undefined;
    for (let id = warmUp + 1; id <= warmUp + events; id++) {
      const at = cable.send(postCreated(id));
      left ??= at;
    }
    const { at } = await benched.process.whileRunning(done);
    const { cpuSeconds, peakMb } = await benched.look();
    await benched.stop();
    return {
      rate: { value: rate(events * rooms, left ?? 0n, at), floor: floor.perSecond },
      cpu: {
        value: (cpuSeconds * 1_000) / (events * rooms),
        floor: (floor.cpuSeconds * 1_000) / (floorEvents * rooms),
      },
      memory: { value: peakMb, floor: floor.peakMb },
    };
  } finally {
    await cable.stop();
    server.stop();
  }
}

function figures(platform: Platform, { events, rooms, perSecond }: Size): readonly Figure[] {
  const limit = Number.isFinite(perSecond) ? `at ${perSecond} a second at most` : 'without limits';
  const what = `${platform.title}: ${count(events)} events to ${rooms} rooms, ${limit}`;
  const floor = 'the bare library, one request at a time in each room';
  return [
    {
      name: 'rate',
      what: `${what}: messages`,
      unit: '/s',
      better: 'more',
      floor,
      goal: { kind: 'of the floor at least', value: 0.7 },
    },
    { name: 'cpu', what: `${what}: CPU for 1,000 messages`, unit: 'CPU s', better: 'less', floor, grain: 0.05 },
    { name: 'memory', what: `${what}: most memory`, unit: 'MB', better: 'less', floor, grain: 50 },
  ];
}

const fanOut = (
  name: string,
  platform: Platform,
  sizes: Readonly<Record<Mode, Size>>,
  limitSeconds: Readonly<Record<Mode, number>>,
): Row =>
  defineRow<Size>({
    name,
    group: 'fan-out',
    sizes,
    limitSeconds,
    figures: (size) => figures(platform, size),
    measure: (size, progress) => measure(platform, size, progress),
  });

const perSecond = Number.POSITIVE_INFINITY;
const few = {
  quick: { events: 500, rooms: 2, perSecond, floorEvents: 500 },
  full: { events: 5_000, rooms: 2, perSecond, floorEvents: 5_000 },
};
const many = {
  quick: { events: 10, rooms: 200, perSecond, floorEvents: 10 },
  full: { events: 1_000, rooms: 200, perSecond, floorEvents: 100 },
};
const { matrix, discord } = platforms;

export const fanOutRows: readonly Row[] = [
  fanOut('fan-out-matrix', matrix, few, { quick: 30, full: 50 }),
  fanOut('fan-out-discord', discord, few, { quick: 30, full: 50 }),
  // At the limit of an account, so that nothing can be gained: this should be the floor's rate.
  fanOut(
    'fan-out-limited',
    discord,
    {
      quick: { events: 50, rooms: 2, perSecond: discord.perSecond, floorEvents: 50 },
      full: { events: 150, rooms: 2, perSecond: discord.perSecond, floorEvents: 150 },
    },
    { quick: 25, full: 30 },
  ),
  fanOut('fan-out-matrix-wide', matrix, many, { quick: 35, full: 120 }),
  fanOut('fan-out-discord-wide', discord, many, { quick: 35, full: 120 }),
];
