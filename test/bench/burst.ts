import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import type { FloorCosts } from './floor.ts';
import type { PlatformProcess } from './platform-process.ts';
import type { Platform } from './platforms.ts';
import type { Progress } from './row.ts';

const program = fileURLToPath(new URL('./floor.ts', import.meta.url));

/** A burst's size. */
export interface Burst {
  readonly events: number;
  readonly rooms: number;
  /** Largest number of requests in a second that the client allows itself; Infinity: no limit. */
  readonly perSecond: number;
}

/** Returns the messages per second between two times of the monotonic clock, in nanoseconds. */
export function rate(messages: number, from: bigint, to: bigint): number {
  return messages / (Number(to - from) / 1e9);
}

/**
 * Lets the bare library send a burst. Returns its rate from the first message to the last (its start is not measured),
 * and its costs.
 */
export async function measureFloorBurst(
  platform: Platform,
  server: PlatformProcess,
  { events, rooms, perSecond }: Burst,
  progress: Progress,
): Promise<FloorCosts & { readonly perSecond: number }> {
  const messages = events * rooms;
  const all = server.afterMessages(messages, (text) => progress(`floor: ${text}`));
  const bare = startChild(process.execPath, [
    program,
    platform.name,
    'burst',
    server.url,
    ...[events, rooms, perSecond].map(String),
  ]);
  const ended = bare.exited.then(({ code, signal }) => {
    if (code !== 0) throw new Error(`floor.ts ended (${code ?? signal}):\n${bare.lines.join('\n')}`);
  });
  const [{ first, at }] = await Promise.all([all, ended]);
  const costs = JSON.parse(bare.lines.at(-1) ?? '') as FloorCosts;
  return { ...costs, perSecond: rate(messages, first, at) };
}
