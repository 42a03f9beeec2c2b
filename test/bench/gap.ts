import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { roomsConfig } from './rooms-config.ts';
import { alone, count, defineRow, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';
import { untilCurrent, untilStored } from './stored.ts';

interface Size {
  readonly posts: number;
}

const { matrix } = platforms;
const bare = fileURLToPath(new URL('floor-gap.ts', import.meta.url));
/** Shorter than any gap here, so that each becomes a digest. */
const digestAfter = '1s';
const downMs = 1_500;

/** Kills Lookout and starts it again; in between posts are reported, and every other one is deleted. */
async function measure({ posts }: Size, progress: Progress): Promise<Values> {
  const [cable, api, server] = await Promise.all([startCableServer(), startMetasmokeApi(), startPlatform(matrix)]);
  let subscribed = cable.subscribed();
  const config = roomsConfig(cable.url, matrix, server.url, { count: 1, waves: 'on' });
  const source = { url: cable.url, key: api.key, api: api.url, backfill: { digest_after: digestAfter } };
  const lookout = await startConfigured({ ...config, source });
  const { process } = lookout;
  try {
    await process.whileRunning(subscribed);
    cable.send(postCreated(1));
    await process.whileRunning(untilCurrent(lookout.store, 1, progress));
    await process.kill();
    await pause(downMs);
    api.tables.posts = reportedMeanwhile(posts);
    const floor = await fetchBare(api);

    subscribed = cable.subscribed();
    process.start();
    await process.whileRunning(subscribed);
    // The start has blocked the loop for long enough, and is not part of the gap.
    await lookout.look();
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1_000;
    await process.whileRunning(untilStored(lookout.store, 1 + posts, progress));
    const stored = seconds();
    await process.whileRunning(untilCurrent(lookout.store, 1 + posts, progress));
    const current = seconds();
    const { longestBlockMs, peakMb } = await lookout.look();
    return {
      stored: { value: stored, floor },
      current: { value: current, floor },
      block: alone(longestBlockMs),
      memory: alone(peakMb),
    };
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), api.stop()]);
    server.stop();
  }
}

function reportedMeanwhile(posts: number): Readonly<Record<string, unknown>>[] {
  const now = Date.now();
  return Array.from({ length: posts }, (_, index) => {
    const time = new Date(now - downMs + Math.floor((index * downMs) / posts)).toISOString();
    const { object } = JSON.parse(postCreated(index + 2)) as { object: object };
    const deleted_at = index % 2 === 0 ? time : null;
    return { ...object, id: index + 2, created_at: time, updated_at: time, deleted_at };
  });
}

async function fetchBare({ url, key }: MetasmokeApiDouble): Promise<number> {
  const cwd = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [bare, url, key], { cwd });
    return Number(stdout);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

export const gapRows: readonly Row[] = [
  defineRow<Size>({
    name: 'gap',
    group: 'gap',
    sizes: { quick: { posts: 200 }, full: { posts: 2_000 } },
    limitSeconds: { quick: 25, full: 40 },
    figures({ posts }) {
      const what = `a gap with ${count(posts)} posts, every other one deleted by now`;
      const common = { better: 'less' } as const;
      const floor = 'all pages fetched into a bare database';
      return [
        // The first second belongs to the connection, whatever was missed.
        { ...common, name: 'stored', what: `${what}: in the store after`, unit: 's', floor, grain: 2 },
        { ...common, name: 'current', what: `${what}: the room is current after`, unit: 's', floor, grain: 5 },
        {
          ...common,
          name: 'block',
          what: `${what}: longest block of the event loop`,
          unit: 'ms',
          floor: null,
          goal: { kind: 'at most', value: 50 },
        },
        { ...common, name: 'memory', what: `${what}: most memory`, unit: 'MB', floor: null, grain: 50 },
      ];
    },
    measure,
  }),
];
