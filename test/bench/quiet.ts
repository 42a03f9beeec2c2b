import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { type CableServer, startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { type PlatformProcess, startPlatform } from './platform-process.ts';
import { type Platform, platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { count, defineRow, type Mode, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';

const floor = fileURLToPath(new URL('./floor.ts', import.meta.url));
/** Delay between two events, ms; longer if an account may not send so often. */
const gapMs = (platform: Platform) => Math.max(5, Math.ceil(1_250 / platform.perSecond));

interface Size {
  readonly events: number;
  readonly warmUp: number;
}

/** Time from the event on the socket to the request at the platform, ms, one at a time. */
interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Sends events one at a time and measures until their messages arrive. */
export async function measureLatency(
  cable: CableServer,
  server: PlatformProcess,
  { events, warmUp }: Size,
  pauseMs: number,
): Promise<Latency> {
  const took: number[] = [];
  for (let id = 1; id <= warmUp + events; id++) {
    const arrival = server.nextMessage();
    // The platform must know what to report, and the last answer must have arrived.
    await pause(pauseMs);
    const left = cable.send(postCreated(id));
    const ms = Number((await arrival).at - left) / 1e6;
    if (id > warmUp) took.push(ms);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function measure(platform: Platform, size: Size, progress: Progress): Promise<Values> {
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  try {
    progress('floor');
    let subscribed = cable.subscribed();
    const bare = startChild(process.execPath, [floor, platform.name, 'quiet', cable.url, server.url]);
    await bare.whileRunning(subscribed);
    const least = await bare.whileRunning(measureLatency(cable, server, size, gapMs(platform)));
    await bare.end('SIGKILL');

    progress('Lookout');
    subscribed = cable.subscribed();
    const benched = await startConfigured(roomsConfig(cable.url, platform, server.url, { count: 1, waves: 'off' }));
    await benched.process.whileRunning(subscribed);
    const found = await benched.process.whileRunning(measureLatency(cable, server, size, gapMs(platform)));
    await benched.stop();
    return { p50: { value: found.p50, floor: least.p50 }, p99: { value: found.p99, floor: least.p99 } };
  } finally {
    await cable.stop();
    server.stop();
  }
}

const quietOn = (platform: Platform, { quick, full }: Readonly<Record<Mode, Size>>): Row =>
  defineRow<Size>({
    name: `quiet-${platform.name}`,
    group: 'quiet',
    sizes: { quick, full },
    limitSeconds: { quick: 30, full: 40 },
    figures({ events }) {
      const what = `${platform.title}: event on the socket → request at the platform, ${count(events)} one at a time`;
      const common = { unit: 'ms', better: 'less', floor: `a bare socket client with the bare library` } as const;
      return [
        {
          ...common,
          name: 'p50',
          what: `${what}: median`,
          grain: 1,
          goal: { kind: 'above the floor by at most', value: 3 },
        },
        // One hiccup of the machine is a hundredth of a hundred events.
        { ...common, name: 'p99', what: `${what}: 99th percentile`, grain: 100 },
      ];
    },
    measure: (size, progress) => measure(platform, size, progress),
  });

export const quietRows: readonly Row[] = [
  quietOn(platforms.matrix, { quick: { events: 100, warmUp: 20 }, full: { events: 500, warmUp: 50 } }),
  quietOn(platforms.discord, { quick: { events: 60, warmUp: 15 }, full: { events: 200, warmUp: 50 } }),
];
