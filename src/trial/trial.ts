import type { SendRequest } from '../adapters/adapter.ts';
import type { Platform } from '../adapters/platform.ts';
import { safeguards } from '../app/safeguards.ts';
import { type App, startApp } from '../app/start-app.ts';
import type { Config } from '../config/config.ts';
import { directNetwork } from '../http/network.ts';
import type { Input } from '../inputs/input.ts';
import type { Log, LogLevelSwitch } from '../log.ts';
import type { Message } from '../render/message.ts';
import type { Clock } from '../time/clock.ts';
import type { PlatformName } from '../words.ts';
import type { Commanded } from './commanded.ts';
import { createTrialAdapter } from './trial-adapter.ts';
import { createTrialInput } from './trial-input.ts';

export interface TrialOptions {
  readonly config: Config;
  readonly platforms: readonly Platform[];
  readonly inputs: readonly Input[];
  /** The changes made by commands; null: none. */
  readonly commanded: Commanded | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Returns a message as it is handed to `onSend`. */
  readonly format: (message: Message, room: string) => string;
  /** Called with each request that would change a room, in order. */
  readonly onSend: (platform: PlatformName, request: SendRequest) => Promise<void>;
}

/**
 * A configuration at work without a chat: Lookout as `run` starts it, with a source that sends given messages, rooms
 * that accept everything and show nothing, and a store in memory.
 */
export interface Trial {
  readonly app: App;
  /** The configuration without its store, API, metrics and proxies. */
  readonly config: Config;
  /** Sends a message of the source. Resolves when it is stored. */
  tell(message: unknown): Promise<void>;
}

/** Longer than any trial, ms; within the limit of timers. */
const LONG_MS = 20 * 24 * 3_600_000;

/** Starts a trial. Ends with `app.stop`. */
export async function startTrial(options: TrialOptions): Promise<Trial> {
  const { commanded, clock, log, version, format, onSend } = options;
  const config = configOf(options.config);
  const kind = options.inputs.find(({ name }) => name === config.source.kind.name);
  if (kind === undefined) throw new Error(`there is no kind of source "${config.source.kind.name}"`);
  const { input, tell } = createTrialInput(kind);
  const platforms = options.platforms.map((platform): Platform => {
    let accounts = 0;
    const create = () => createTrialAdapter({ platform: platform.name, user: `trial-${++accounts}`, format, onSend });
    return { ...platform, createAdapter: async () => create() };
  });
  // The level of a trial's log stays as it is.
  const logLevel: LogLevelSwitch = {
    level: () => 'info',
    setLevel() {},
    sentLevel: 'debug',
    lastTroubles: () => [],
  };
  const app = await startApp({
    ...{ config, platforms, inputs: [input], clock, log, logLevel, readConfig: null, version, safeguards },
    ...(commanded !== null && { seed: commanded.copyTo }),
    ...{ write: async () => {}, color: false, columns: null, input: null },
  });
  return {
    app,
    config,
    async tell(message) {
      tell(message);
      await app.ingest.pipeline.idle();
    },
  };
}

function configOf(config: Config): Config {
  return {
    ...config,
    // What is settled is looked at in the end.
    store: { kind: 'memory', keepMs: Number.MAX_SAFE_INTEGER },
    // A pause in a recording does not mean that the source is silent.
    source: { ...config.source, url: 'demo', api: null, quietAfterMs: LONG_MS },
    network: directNetwork,
    metrics: null,
    greets: false,
  };
}
