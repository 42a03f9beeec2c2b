import { rate } from './burst.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { count, defineRow, type Figure, type Progress, type Row, type Value, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { logLogSlope } from './slope.ts';

interface Size {
  /** Numbers of rooms from few to many, each for a separate process; the first is the floor. */
  readonly rooms: readonly number[];
  /** The same for each number of rooms: the more rooms, the fewer events. */
  readonly messages: number;
}

interface PerMessage {
  readonly rooms: number;
  /** Time from the first event on the socket to the last answer, divided by the messages. */
  readonly ms: number;
  readonly cpuMs: number;
}

const { matrix } = platforms;

async function measureFor(rooms: number, messages: number, progress: Progress): Promise<PerMessage> {
  const server = await startPlatform(matrix);
  const cable = await startCableServer();
  try {
    const subscribed = cable.subscribed();
    const lookout = await startConfigured(roomsConfig(cable.url, matrix, server.url, { count: rooms, waves: 'off' }));
    await lookout.process.whileRunning(subscribed);
    const open = server.afterMessages(rooms, (text) => progress(`${rooms} rooms, to open them: ${text}`));
    cable.send(postCreated(1));
    await lookout.process.whileRunning(open);
    await lookout.look();
    const events = Math.ceil(messages / rooms);
    const done = server.afterMessages(events * rooms, (text) => progress(`${rooms} rooms: ${text}`));
    let left: bigint | undefined;
    for (let id = 2; id <= 1 + events; id++) {
      const at = cable.send(postCreated(id));
      left ??= at;
    }
    const { at } = await lookout.process.whileRunning(done);
    const { cpuSeconds } = await lookout.look();
    await lookout.stop();
    return {
      rooms,
      ms: 1_000 / rate(events * rooms, left ?? 0n, at),
      cpuMs: (cpuSeconds * 1_000) / (events * rooms),
    };
  } finally {
    await cable.stop();
    server.stop();
  }
}

async function measure({ rooms, messages }: Size, progress: Progress): Promise<Values> {
  const found: PerMessage[] = [];
  for (const each of rooms) found.push(await measureFor(each, messages, progress));
  const [least] = found;
  const slopeOf = (of: (each: PerMessage) => number) => logLogSlope(found.map((x) => ({ x: x.rooms, y: of(x) })));
  const values: Record<string, Value> = {
    slope: { value: slopeOf(({ ms }) => ms), floor: null },
    'cpu-slope': { value: slopeOf(({ cpuMs }) => cpuMs), floor: null },
  };
  for (const [index, { ms }] of found.entries())
    values[`time${index}`] = { value: ms, floor: index === 0 ? null : (least?.ms ?? null) };
  return values;
}

function figures({ rooms, messages }: Size): readonly Figure[] {
  const what = `Matrix: ${count(messages)} messages`;
  const goal = { kind: 'at most', value: 0.1 } as const;
  const range = rooms.map(count).join(', ');
  return [
    ...rooms.map(
      (each, index): Figure => ({
        name: `time${index}`,
        what: `${what} to ${count(each)} rooms: time for each`,
        unit: 'ms',
        better: 'less',
        floor: index === 0 ? null : `${rooms[0]} rooms`,
        grain: 0.2,
      }),
    ),
    {
      name: 'slope',
      what: `${what} to ${range} rooms: slope of the time for each (log-log)`,
      unit: 'slope',
      better: 'less',
      floor: null,
      goal,
    },
    {
      name: 'cpu-slope',
      what: `${what} to ${range} rooms: slope of the CPU time for each (log-log)`,
      unit: 'slope',
      better: 'less',
      floor: null,
      goal,
    },
  ];
}

export const roomsRows: readonly Row[] = [
  defineRow<Size>({
    name: 'rooms',
    group: 'rooms',
    sizes: {
      quick: { rooms: [2, 20, 200], messages: 600 },
      full: { rooms: [2, 20, 200, 2_000], messages: 4_000 },
    },
    limitSeconds: { quick: 40, full: 70 },
    figures,
    measure,
  }),
];
