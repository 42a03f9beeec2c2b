import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { startCableServer } from './cable-server.ts';
import { startHomeserver } from './homeserver-process.ts';
import { startBenched } from './lookout.ts';
import { postCreated } from './sample.ts';

const floor = fileURLToPath(new URL('./floor.ts', import.meta.url));
const warmUp = 20;

/** Messages a second that reach the platform: `events` to each of `rooms`, one at a time in each room. */
export async function measureBurst(
  events: number,
  rooms: number,
): Promise<{ lookout: number; floor: number; memoryMb: number }> {
  const homeserver = await startHomeserver();
  const cable = await startCableServer();
  const perSecond = (from: bigint, to: bigint) => (events * rooms) / (Number(to - from) / 1e9);
  try {
    const bodyBytes = 400;
    // Its start is not measured: the clock runs from its first message to its last.
    const all = homeserver.afterMessages(events * rooms);
    const bare = startChild(process.execPath, [
      floor,
      'burst',
      homeserver.url,
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
    const benched = await startBenched(cable.url, homeserver.url, rooms);
    await benched.process.whileRunning(subscribed);
    const warm = homeserver.afterMessages(warmUp * rooms);
    for (let id = 1; id <= warmUp; id++) cable.send(postCreated(id));
    await warm;
    const done = homeserver.afterMessages(events * rooms);
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
    homeserver.stop();
  }
}
