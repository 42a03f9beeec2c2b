import { rate } from './burst.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { alone, count, defineRow, type Figure, type Progress, type Row, type Value, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { logLogSlope } from './slope.ts';
import { untilStored } from './stored.ts';

interface Size {
  /** Numbers of waiting deliveries from few to many; the first is the floor. */
  readonly waiting: readonly number[];
  /**
   * Number of messages that are sent while others wait, after the same number as a warm-up, because the first ones
   * include the compiler.
   */
  readonly messages: number;
}

interface PerMessage {
  readonly waiting: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly residentMb: number;
}

const { matrix } = platforms;
/** Fewer than Lookout buffers while its store is busy. */
const sentAtOnce = 5_000;
/** An address that refuses every connection: a homeserver that is down. */
const nowhere = 'http://127.0.0.1:1';
const kilobytesPerMb = 1024;

/**
 * Measures a room whose homeserver is down until enough deliveries wait. Then it accepts them, one after the other, and
 * for each accepted one another event is sent: as many wait at the end as at the beginning.
 */
async function measureFor(waiting: number, messages: number, progress: Progress): Promise<PerMessage> {
  const server = await startPlatform(matrix);
  const cable = await startCableServer();
  const config = (url: string) => roomsConfig(cable.url, matrix, url, { count: 1, waves: 'off' });
  try {
    let subscribed = cable.subscribed();
    const lookout = await startConfigured(config(nowhere));
    await lookout.process.whileRunning(subscribed);
    let sent = 0;
    while (sent < waiting) {
      for (const end = Math.min(waiting, sent + sentAtOnce); sent < end; ) cable.send(postCreated(++sent));
      await lookout.process.whileRunning(untilStored(lookout.store, sent, (text) => progress(`${waiting}: ${text}`)));
    }
    subscribed = cable.subscribed();
    // Called before the first message can arrive.
    let arrival = server.nextMessage();
    await lookout.restart(config(server.url));
    await lookout.process.whileRunning(subscribed);
    let began = 0n;
    let ended = 0n;
    for (let taken = 1; taken <= 2 * messages; taken++) {
      ({ at: ended } = await lookout.process.whileRunning(arrival));
      if (taken === messages) {
        began = ended;
        await lookout.look();
      }
      arrival = server.nextMessage();
      cable.send(postCreated(++sent));
      if (taken % 100 === 0) progress(`${waiting} waiting: ${taken} of ${2 * messages} messages`);
    }
    const { residentMb, cpuSeconds } = await lookout.look();
    await lookout.stop();
    return { waiting, ms: 1_000 / rate(messages, began, ended), cpuMs: (cpuSeconds * 1_000) / messages, residentMb };
  } finally {
    await cable.stop();
    server.stop();
  }
}

async function measure({ waiting, messages }: Size, progress: Progress): Promise<Values> {
  const found: PerMessage[] = [];
  for (const each of waiting) found.push(await measureFor(each, messages, progress));
  const [least] = found;
  const most = found.at(-1);
  if (least === undefined || most === undefined) throw new Error('nothing was measured');
  const more = most.waiting - least.waiting;
  const values: Record<string, Value> = {
    slope: alone(logLogSlope(found.map(({ waiting: x, ms: y }) => ({ x, y })))),
    'cpu-slope': alone(logLogSlope(found.map(({ waiting: x, cpuMs: y }) => ({ x, y })))),
    memory: { value: most.residentMb, floor: least.residentMb },
    each: alone(((most.residentMb - least.residentMb) * kilobytesPerMb) / more),
  };
  for (const [index, { ms }] of found.entries())
    values[`time${index}`] = { value: ms, floor: index === 0 ? null : least.ms };
  return values;
}

function figures({ waiting, messages }: Size): readonly Figure[] {
  const [few = 0] = waiting;
  const many = waiting.at(-1) ?? 0;
  const sending = `Matrix: ${count(messages)} messages while`;
  const floor = `${count(few)} wait`;
  return [
    ...waiting.map(
      (each, index): Figure => ({
        name: `time${index}`,
        what: `${sending} ${count(each)} wait: time for each`,
        unit: 'ms',
        better: 'less',
        floor: index === 0 ? null : floor,
        grain: 0.5,
      }),
    ),
    ...(['time', 'CPU time'] as const).map(
      (of): Figure => ({
        name: of === 'time' ? 'slope' : 'cpu-slope',
        what: `${sending} ${waiting.map(count).join(', ')} wait: slope of the ${of} for each (log-log)`,
        unit: 'slope',
        better: 'less',
        floor: null,
        goal: { kind: 'at most', value: 0.1 },
      }),
    ),
    { name: 'memory', what: `${sending} ${count(many)} wait: memory`, unit: 'MB', better: 'less', floor, grain: 30 },
    {
      name: 'each',
      what: `${sending} ${count(many)} wait: memory for each that waits`,
      unit: 'kB',
      better: 'less',
      floor: null,
      // The few megabytes by which two processes differ anyway, divided by the waiting deliveries.
      grain: 10,
      goal: { kind: 'at most', value: 1 },
    },
  ];
}

export const waitingRows: readonly Row[] = [
  defineRow<Size>({
    name: 'waiting',
    group: 'waiting',
    sizes: {
      quick: { waiting: [100, 1_000, 4_000], messages: 150 },
      full: { waiting: [100, 10_000, 100_000], messages: 500 },
    },
    limitSeconds: { quick: 40, full: 90 },
    figures,
    measure,
  }),
];
