import { setTimeout as pause } from 'node:timers/promises';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import type { ProbeLook } from './probed.ts';
import { slope } from './slope.ts';
import { soakEvent } from './soak-events.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const eventsPerSecond = 10;
const minuteMs = 60_000;
/** Minutes that do not count for the slope, because caches and compiled code grow at first. */
const warmUpMinutes = 10;

/** Sends ten events a second with cards on Discord and Matrix for a long time: memory must not grow. */
export async function soak({ minutes, say, signal }: SoakOptions): Promise<void> {
  const [cable, discord, matrix] = await Promise.all([
    startCableServer(),
    startPlatform(platforms.discord),
    startPlatform(platforms.matrix),
  ]);
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: { ...platforms.discord.chats(discord.url), ...platforms.matrix.chats(matrix.url) },
    rooms: {
      discord: { to: `discord:${platforms.discord.room(1)}`, waves: 'off' },
      matrix: { to: `matrix:${platforms.matrix.room(1)}`, waves: 'off' },
    },
    subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'], card: true }],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    await lookout.look();
    const outbox = openOutboxFile(lookout.store);
    say(
      'minute  resident MB  heap MB   cores  longest block ms   events  stored  deliveries waiting  to Discord  to Matrix',
    );
    const looks: { readonly minute: number; readonly look: ProbeLook }[] = [];
    let sent = 0;
    const started = Date.now();
    for (let minute = 1; minute <= minutes && !signal.aborted; minute++) {
      for (const end = started + minute * minuteMs; Date.now() < end && !signal.aborted; ) {
        for (; sent < ((Date.now() - started) / 1_000) * eventsPerSecond; sent++)
          cable.send(soakEvent(sent, Date.now()));
        await lookout.process.whileRunning(pause(1_000 / eventsPerSecond));
      }
      const look = await lookout.look();
      looks.push({ minute, look });
      const cells = [
        String(minute).padStart(6),
        look.residentMb.toFixed(1).padStart(11),
        look.heapMb.toFixed(1).padStart(7),
        (look.cpuSeconds / 60).toFixed(3).padStart(6),
        look.longestBlockMs.toFixed(1).padStart(16),
        String(sent).padStart(7),
        String(outbox.events()).padStart(6),
        String(outbox.unsettled()).padStart(18),
        String(discord.messages).padStart(10),
        String(matrix.messages).padStart(9),
      ];
      say(cells.join('  '));
    }
    say(growth(looks));
  } finally {
    await lookout.stop();
    await cable.stop();
    discord.stop();
    matrix.stop();
  }
}

/** Describes the growth of memory after the warm-up, or over the last half of a short run. */
export function growth(looks: readonly { readonly minute: number; readonly look: ProbeLook }[]): string {
  const skipped = Math.min(warmUpMinutes, Math.floor(looks.length / 2));
  const warm = looks.slice(skipped);
  if (warm.length < 2) return 'too short to say how memory grows: three minutes at least';
  const perHour = (of: (look: ProbeLook) => number) =>
    (slope(warm.map(({ minute, look }) => ({ x: minute, y: of(look) }))) * 60).toFixed(1);
  const resident = perHour(({ residentMb }) => residentMb);
  const heap = perHour(({ heapMb }) => heapMb);
  return `after the first ${skipped} min: resident memory grows by ${resident} MB an hour, the heap by ${heap} MB an hour`;
}
