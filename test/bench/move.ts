import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { startPostgres } from '../support/postgres/server.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { multiplyStore } from './multiply-store.ts';
import { startPlatform } from './platform-process.ts';
import { platforms } from './platforms.ts';
import { type ProbeEnd, probeEnv } from './probed.ts';
import { postCreated } from './sample.ts';
import { untilCurrent } from './stored.ts';

export interface MoveBenchOptions {
  readonly events: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const launcher = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));
/** Events that Lookout itself stores and delivers; the others are copies of them. */
const GENUINE_EVENTS = 500;
const bytesPerGb = 1e9;

/** Moves a store with a number of events to PostgreSQL and back by `lookout migrate`, and tells what that takes. */
export async function measureMove({ events, say, signal }: MoveBenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lookout-bench-move-'));
  // With its own default settings: a commit waits for the disk.
  const server = await startPostgres(['fsync=on']);
  try {
    say(`making a store with ${events} events …`);
    const file = join(folder, 'old.db');
    await makeStore(file, events, signal);
    say(`${(await sizeOf(file)).toFixed(1)} GB; moving it to PostgreSQL …`);
    await server.run('create database lookout');
    const url = server.url('lookout');
    say(await move(folder, 'sqlite:old.db', url, signal));
    const sized = await server.run("select pg_database_size('lookout') as bytes");
    say(`${(Number(sized[0]?.bytes) / bytesPerGb).toFixed(1)} GB there; moving it back …`);
    say(await move(folder, url, 'sqlite:new.db', signal));
    say(`${(await sizeOf(join(folder, 'new.db'))).toFixed(1)} GB`);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const sizeOf = async (file: string) => (await stat(file)).size / bytesPerGb;

/** Lets Lookout store and deliver reports to a room with messages and to one with cards, and multiplies its rows. */
async function makeStore(file: string, events: number, signal: AbortSignal): Promise<void> {
  const { matrix } = platforms;
  const cable = await startCableServer();
  const chat = await startPlatform(matrix);
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: matrix.chats(chat.url),
    rooms: {
      each: { to: `matrix:${matrix.room(1)}`, waves: 'off' },
      cards: { to: `matrix:${matrix.room(2)}`, waves: 'off' },
    },
    subscriptions: [
      { events: 'posts#create', rooms: 'each' },
      { events: 'posts#create', rooms: 'cards', card: true },
    ],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    for (let id = 1; id <= GENUINE_EVENTS; id++) cable.send(postCreated(id));
    // What it reports is where a stop ends it.
    await lookout.process.whileRunning(untilCurrent(lookout.store, GENUINE_EVENTS, () => signal.throwIfAborted()));
    // Without the log beside it, which the end of Lookout writes into the file.
    await lookout.stop((store) => cp(store, file));
  } finally {
    await lookout.process.kill();
    await cable.stop();
    chat.stop();
  }
  multiplyStore(file, events);
}

/** Runs `lookout migrate`, and returns its last lines with its time, CPU time and memory. */
async function move(folder: string, from: string, to: string, signal: AbortSignal): Promise<string> {
  const probe = join(folder, 'probe');
  const startedAt = performance.now();
  const child = startChild(process.execPath, [launcher, 'migrate', '--from', from, '--to', to], {
    cwd: folder,
    env: { ...process.env, ...probeEnv(probe) },
  });
  const stop = () => void child.end('SIGINT');
  signal.addEventListener('abort', stop);
  const { code } = await child.exited;
  signal.removeEventListener('abort', stop);
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${child.lines.slice(-12).join('\n')}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { cpuSeconds, peakMb } = JSON.parse(await readFile(`${probe}.end`, 'utf8')) as ProbeEnd;
  const moved = child.lines.find((line) => line.startsWith('moved ')) ?? '';
  return `${moved}\n${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU, ${peakMb.toFixed(0)} MB at most`;
}
