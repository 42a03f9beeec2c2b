import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LookoutProcess, startLookout } from '../support/lookout-process.ts';
import { lookAt, type Probed, probeEnv } from './probed.ts';

/** Lookout as a separate process with a store on disk. */
export interface BenchedLookout extends Probed {
  readonly process: LookoutProcess;
  /** The database file. */
  readonly store: string;
  /** Ends it, and starts it again with the same store and another configuration. */
  restart(configuration: object): Promise<void>;
  /** `keep` is called with the file of the store before it is removed. */
  stop(keep?: (store: string) => Promise<void>): Promise<void>;
}

export interface StartOptions {
  /** Called with the file of the store before Lookout opens it. */
  readonly before?: (store: string) => Promise<void>;
  /** The URL of a PostgreSQL database, for a store there. */
  readonly postgres?: string;
  /** The program to start in place of `src/lookout.js`. */
  readonly program?: string;
}

/** Starts Lookout; `configuration` names no store. */
export async function startConfigured(
  configuration: object,
  { before = async () => {}, program, postgres }: StartOptions = {},
): Promise<BenchedLookout> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const store = join(directory, 'lookout.db');
  const probeFile = join(directory, 'probe');
  // Only this user can read it, as required for a configuration with secrets.
  const configure = (chosen: object) =>
    writeFile(join(directory, 'config.yaml'), JSON.stringify({ ...chosen, store: postgres ?? 'sqlite:lookout.db' }), {
      mode: 0o600,
    });
  await configure(configuration);
  await before(store);
  const process = startLookout({
    config: 'config.yaml',
    directory,
    env: probeEnv(probeFile),
    ...(program !== undefined && { program }),
  });
  let probed = lookAt(() => process.pid, probeFile);
  const end = async () => {
    const { code, signal } = await process.stop();
    if (code !== 0) throw new Error(`lookout ended with ${code ?? signal}:\n${process.said.slice(-10).join('\n')}`);
  };
  return {
    process,
    store,
    look: () => probed.look(),
    async restart(next) {
      await end();
      await configure(next);
      process.start();
      probed = lookAt(() => process.pid, probeFile);
    },
    async stop(keep = async () => {}) {
      try {
        await end();
        await keep(store);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}
