import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';
import type { Platform } from './platforms.ts';

/** Lookout as a process of its own with a store on disk. */
export interface BenchedLookout {
  readonly process: LookoutProcess;
  /** The database file. */
  readonly store: string;
  /** Resident memory in MB, 0 where there is no /proc. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** `configuration` names no store; `before` is run with the file of the store before Lookout opens it. */
export async function startConfigured(
  configuration: object,
  before: (store: string) => Promise<void> = async () => {},
): Promise<BenchedLookout> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const store = join(directory, 'lookout.db');
  // Only we can read it, as a configuration with secrets should be.
  await writeFile(join(directory, 'config.yaml'), JSON.stringify({ ...configuration, store: 'sqlite:lookout.db' }), {
    mode: 0o600,
  });
  await before(store);
  const process = startLookout({ config: 'config.yaml', directory, env: {} });
  return {
    process,
    store,
    async memory() {
      const status = await readFile(`/proc/${process.pid}/status`, 'utf8').catch(() => '');
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    },
    async stop() {
      const exit = await process.stop();
      await rm(directory, { recursive: true, force: true });
      if (exit.code !== 0)
        throw new Error(`lookout ended with ${exit.code ?? exit.signal}:\n${process.said.slice(-10).join('\n')}`);
    },
  };
}

/** Posts each `posts#create` to the rooms given. */
export function startBenched(cable: string, platform: Platform, url: string, rooms: number): Promise<BenchedLookout> {
  const addresses = Array.from({ length: rooms }, (_, index) => `${platform.name}:${platform.room(index + 1)}`);
  return startConfigured({
    source: { url: cable, key: 'bench-key' },
    chats: platform.chats(url),
    rooms: Object.fromEntries(addresses.map((address, index) => [`room${index + 1}`, address])),
    subscriptions: [{ events: 'posts#create', rooms: addresses.map((_, index) => `room${index + 1}`) }],
  });
}
