import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { startCableServer } from './cable-server.ts';
import { startBenched } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import type { Platform } from './platforms.ts';
import { postCreated } from './sample.ts';

const floor = fileURLToPath(new URL('./floor.ts', import.meta.url));
const warmUp = 20;

/** Messages a second that reach the platform: `events` to each of `rooms`, one at a time in each room. */
export async function measureBurst(
  platform: Platform,
  events: number,
  rooms: number,
): Promise<{ lookout: number; floor: number; memoryMb: number }> {
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  const perSecond = (from: bigint, to: bigint) => (events * rooms) / (Number(to - from) / 1e9);
  try {
    const bodyBytes = 400;
    // Its start is not measured: the clock runs from its first message to its last.
    const all = server.afterMessages(events * rooms);
    const bare = startChild(process.execPath, [
      floor,
      platform.name,
      'burst',
      server.url,
      String(events),
      String(rooms),
      String(bodyBytes),
    ]);
    const ended = bare.exited.then(({ code, signal }) => {
      if (code !== 0) throw new Error(`floor.ts ended (${code ?? signal}):\n${bare.lines.join('\n')}`);
    });
    const [{ first, at: last }] = await Promise.all([all, ended]);
    const floorRate = perSecond(first, last);

    const subscribed = cable.subscribed();
    const benched = await startBenched(cable.url, platform, server.url, rooms);
    await benched.process.whileRunning(subscribed);
    const warm = server.afterMessages(warmUp * rooms);
    for (let id = 1; id <= warmUp; id++) cable.send(postCreated(id));
    await warm;
    // What an account may send in a second is whole again.
    if (Number.isFinite(platform.perSecond)) await pause(1_500);
    const done = server.afterMessages(events * rooms);
    let left: bigint | undefined;
    for (let id = warmUp + 1; id <= warmUp + events; id++) {
      const at = cable.send(postCreated(id));
      left ??= at;
    }
    const lookout = perSecond(left ?? 0n, (await benched.process.whileRunning(done)).at);
    const memoryMb = await benched.memory();
    await benched.stop();
    return { lookout, floor: floorRate, memoryMb };
  } finally {
    await cable.stop();
    server.stop();
  }
}
