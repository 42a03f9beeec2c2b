import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { measureLatency } from './quiet.ts';
import { count, defineRow, type Figure, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';

interface Size {
  /** Numbers of devices in the room. */
  readonly devices: readonly number[];
  readonly events: number;
}

/** The cost of one room. */
interface Cost {
  /** Time until the first message, for which a key is made and given to every device, ms. */
  readonly firstMs: number;
  /** Median of the others, ms. */
  readonly medianMs: number;
  /** Longest block of the event loop from the first message on, ms. */
  readonly longestBlockMs: number;
  readonly residentMb: number;
}

const platform = platforms.matrix;
/** Time between two events, ms. */
const pauseMs = 5;

async function costOf(room: string, events: number): Promise<Cost> {
  // Each device begins anew: Lookout refuses one whose keys the homeserver knows and its own store does not.
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: platform.chats(server.url),
    rooms: { room: { to: `matrix:${room}`, waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'room' }],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    await server.untilQuiet(1_000);
    await lookout.look();
    const arrival = server.nextMessage();
    const left = cable.send(postCreated(1_000_000));
    const firstMs = Number((await lookout.process.whileRunning(arrival)).at - left) / 1e6;
    const latency = measureLatency(cable, server, { events, warmUp: 5 }, pauseMs);
    const { p50: medianMs } = await lookout.process.whileRunning(latency);
    const { longestBlockMs, residentMb } = await lookout.look();
    return { firstMs, medianMs, longestBlockMs, residentMb };
  } finally {
    await lookout.stop();
    await cable.stop();
    server.stop();
  }
}

async function measure({ devices, events }: Size, progress: Progress): Promise<Values> {
  progress('a plain room');
  const plain = await costOf('!plain:localhost', events);
  const values: Record<string, Values[string]> = {};
  for (const number of devices) {
    progress(`${number} devices`);
    const cost = await costOf(`!devices${number}:localhost`, events);
    values[`first-${number}`] = { value: cost.firstMs, floor: plain.firstMs };
    values[`median-${number}`] = { value: cost.medianMs, floor: plain.medianMs };
    values[`block-${number}`] = { value: cost.longestBlockMs, floor: plain.longestBlockMs };
    values[`memory-${number}`] = { value: cost.residentMb, floor: plain.residentMb };
  }
  return values;
}

function figuresOf(number: number, events: number): readonly Figure[] {
  const what = `encrypted room with ${count(number)} devices`;
  const common = { better: 'less', floor: 'the same in a plain room' } as const;
  return [
    { ...common, name: `first-${number}`, what: `${what}: first message, with its key`, unit: 'ms', grain: 100 },
    { ...common, name: `median-${number}`, what: `${what}: median of ${count(events)} more`, unit: 'ms', grain: 2 },
    { ...common, name: `block-${number}`, what: `${what}: longest block of the event loop`, unit: 'ms', grain: 100 },
    { ...common, name: `memory-${number}`, what: `${what}: memory after these`, unit: 'MB', grain: 15 },
  ];
}

export const encryptedRows: readonly Row[] = [
  defineRow<Size>({
    name: 'encrypted',
    group: 'encrypted',
    sizes: { quick: { devices: [2, 100], events: 50 }, full: { devices: [2, 100, 1_000], events: 100 } },
    limitSeconds: { quick: 45, full: 120 },
    figures: ({ devices, events }) => devices.flatMap((number) => figuresOf(number, events)),
    measure,
  }),
];
