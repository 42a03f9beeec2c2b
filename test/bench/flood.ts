import { measureFloorBurst } from './burst.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { type Platform, platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { count, defineRow, type Figure, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { untilCurrent } from './stored.ts';

interface Size {
  readonly events: number;
}

/**
 * Sends reports all at once to a room with waves on, which become one digest. The bare library sends one message for
 * each.
 */
async function measure(platform: Platform, { events }: Size, progress: Progress): Promise<Values> {
  const server = await startPlatform(platform);
  const cable = await startCableServer();
  try {
    const burst = { events, rooms: 1, perSecond: Number.POSITIVE_INFINITY };
    const floor = await measureFloorBurst(platform, server, burst, progress);
    const subscribed = cable.subscribed();
    const lookout = await startConfigured(roomsConfig(cable.url, platform, server.url, { count: 1, waves: 'on' }));
    await lookout.process.whileRunning(subscribed);
    const warm = server.afterMessages(1);
    cable.send(postCreated(1));
    await lookout.process.whileRunning(warm);
    await lookout.look();
    const started = performance.now();
    for (let id = 2; id <= 1 + events; id++) cable.send(postCreated(id));
    await lookout.process.whileRunning(untilCurrent(lookout.store, 1 + events, progress));
    const seconds = (performance.now() - started) / 1_000;
    const { longestBlockMs, peakMb, cpuSeconds } = await lookout.look();
    await lookout.stop();
    return {
      current: { value: seconds, floor: events / floor.perSecond },
      block: { value: longestBlockMs, floor: floor.longestBlockMs },
      memory: { value: peakMb, floor: floor.peakMb },
      cpu: { value: (cpuSeconds * 1_000) / events, floor: (floor.cpuSeconds * 1_000) / events },
    };
  } finally {
    await cable.stop();
    server.stop();
  }
}

function figures(platform: Platform, { events }: Size): readonly Figure[] {
  const what = `${platform.title}: ${count(events)} reports at once, with waves`;
  const common = { better: 'less', floor: 'the bare library, a message for each' } as const;
  return [
    // A wave is sent in turns of seconds, however fast the machine is.
    { ...common, name: 'current', what: `${what}: the room is current after`, unit: 's', grain: 5 },
    {
      ...common,
      name: 'block',
      what: `${what}: longest block of the event loop`,
      unit: 'ms',
      grain: 50,
      goal: { kind: 'at most', value: 50 },
    },
    { ...common, name: 'memory', what: `${what}: most memory`, unit: 'MB', grain: 50 },
    { ...common, name: 'cpu', what: `${what}: CPU for 1,000 events`, unit: 'CPU s', grain: 0.2 },
  ];
}

const floodOn = (platform: Platform): Row =>
  defineRow<Size>({
    name: `flood-${platform.name}`,
    group: 'flood',
    sizes: { quick: { events: 300 }, full: { events: 5_000 } },
    limitSeconds: { quick: 30, full: 45 },
    figures: (size) => figures(platform, size),
    measure: (size, progress) => measure(platform, size, progress),
  });

export const floodRows: readonly Row[] = [floodOn(platforms.matrix), floodOn(platforms.discord)];
