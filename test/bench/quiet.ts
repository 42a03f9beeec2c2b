import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { type CableServer, startCableServer } from './cable-server.ts';
import { startBenched } from './lookout.ts';
import { type PlatformProcess, startPlatform } from './platform-process.ts';
import type { Platform } from './platforms.ts';
import { postCreated } from './sample.ts';

const floor = fileURLToPath(new URL('./floor.ts', import.meta.url));
const warmUp = 50;
/** Between two events, in milliseconds; longer where an account may not send so often. */
const gapMs = (platform: Platform) => Math.max(5, Math.ceil(1_250 / platform.perSecond));

/** Milliseconds from the event on the socket to the request at the platform, one at a time. */
export interface QuietFigures {
  readonly p50: number;
  readonly p99: number;
}

async function measure(
  cable: CableServer,
  server: PlatformProcess,
  events: number,
  pauseMs: number,
): Promise<QuietFigures> {
  const took: number[] = [];
  for (let id = 1; id <= warmUp + events; id++) {
    const arrival = server.nextMessage();
    // The platform must have been told what to watch for, and the last answer must have got back.
    await pause(pauseMs);
    const left = cable.send(postCreated(id));
    const ms = Number((await arrival).at - left) / 1e6;
    if (id > warmUp) took.push(ms);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** `memoryMb`: of the Lookout process after these events. */
export async function measureQuiet(
  platform: Platform,
  events: number,
): Promise<{ lookout: QuietFigures; floor: QuietFigures; memoryMb: number }> {
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  try {
    let subscribed = cable.subscribed();
    const bare = startChild(process.execPath, [floor, platform.name, 'quiet', cable.url, server.url]);
    await bare.whileRunning(subscribed);
    const floorFigures = await bare.whileRunning(measure(cable, server, events, gapMs(platform)));
    await bare.end('SIGKILL');

    subscribed = cable.subscribed();
    const benched = await startBenched(cable.url, platform, server.url, 1);
    await benched.process.whileRunning(subscribed);
    const lookout = await benched.process.whileRunning(measure(cable, server, events, gapMs(platform)));
    const memoryMb = await benched.memory();
    await benched.stop();
    return { lookout, floor: floorFigures, memoryMb };
  } finally {
    await cable.stop();
    server.stop();
  }
}
