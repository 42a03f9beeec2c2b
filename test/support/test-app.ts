import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished } from 'vitest';
import { consolePlatform } from '../../src/adapters/console/platform.ts';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import type { Platform } from '../../src/adapters/platform.ts';
import { type Safeguards, safeguards } from '../../src/app/safeguards.ts';
import { type App, startApp } from '../../src/app/start-app.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Pipeline } from '../../src/ingest/pipeline.ts';
import { type Log, silentLevel } from '../../src/log.ts';
import type { Reloaded } from '../../src/reload/reloader.ts';
import type { Database } from '../../src/store/tables.ts';
import type { Clock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { type Behaviour, type CableClient, type CableServer, startCableServer } from './cable-server.ts';
import { migratedFile } from './disk/migrated-file.ts';
import { createScriptedAdapter, type ScriptedAdapter } from './scripted-adapter.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import { advanceUntil, until } from './until.ts';

/** Time that the parts have to end at a stop, ms. */
const GRACE_MS = 1_000;
/** https://github.com/rails/rails/blob/main/actioncable/lib/action_cable/server/connections.rb (BEAT_INTERVAL) */
const PING_EVERY_MS = 3_000;

export interface TestAppOptions<C extends Clock = TestClock> {
  /** YAML: the configuration without `source`, `store` and `chats`. Rooms of the scripted platform are `matrix:!name:a.org`. */
  readonly config: string;
  /** Returns the whole configuration in its place. `url`: the address of the source. */
  readonly whole?: (url: string) => string;
  /** More keys of `source`, as they stand in braces: `api: "http://…", details: { per_minute: 5 }`. */
  readonly source?: string;
  /** Default `memory`, which does not survive the program. */
  readonly store?: 'memory' | 'file';
  /** More files beside the configuration, such as templates. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables of the environment; default none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: a clock that the test moves. */
  readonly clock?: C;
  /** Platforms besides the scripted one, whose place a `matrix` takes, and the console; a test has their servers. */
  readonly platforms?: readonly Platform[];
  /** Parts that the test leaves out or breaks. */
  readonly safeguards?: Partial<Safeguards>;
  /** The configuration may change while the program runs: see `configure`. */
  readonly reloads?: true;
  /** Another `config`, written when the first one was read and before the program starts. */
  readonly changedAfterReading?: string;
  /** How the source's server behaves; the start then does not wait for a subscription. Default: it does everything right. */
  readonly cable?: Behaviour;
}

/** What may be different in the next life. */
export type Changes = Pick<Partial<TestAppOptions>, 'config' | 'whole' | 'source' | 'files' | 'safeguards' | 'cable'>;

/** Lookout as `lookout run` starts it, in this process: a source on loopback, a scripted platform, a real store. */
export interface TestApp<C extends Clock = TestClock> {
  readonly clock: C;
  readonly cable: CableServer;
  /** The chat of all `matrix:` rooms. It outlives the program. */
  readonly platform: ScriptedAdapter;
  /** `level text` of each line of the log but those of level debug, of all lives. */
  readonly said: string[];
  /** Each line of the log, those of level debug too, as JSON with its fields; of all lives. */
  readonly lines: readonly string[];
  /** The text of console rooms, of all lives. */
  readonly printed: readonly string[];
  /** The parts of the running program. */
  readonly parts: App;
  readonly db: Database;
  readonly pipeline: Pipeline;
  /** The database file. A kill moves it. */
  readonly file: string;
  /** The source's end of the newest connection. */
  readonly client: CableClient;
  /** The source sends messages. Resolves when they are committed. */
  hear(...messages: readonly object[]): Promise<void>;
  /** Time passes, and the source pings every three seconds. */
  listen(this: TestApp, ms: number): Promise<void>;
  /** The same until a condition holds, which is looked at every `stepMs`. */
  listenUntil(this: TestApp, condition: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
  /** The source's server dies. Resolves when Lookout has noticed. */
  lose(): Promise<void>;
  /** The server lives again. Time passes until Lookout has subscribed. */
  regain(this: TestApp): Promise<void>;
  /** Starts the program again after a stop or a kill. Changes hold for all lives to come. */
  start(changes?: Changes): Promise<void>;
  /** Writes another configuration, and makes the program read it. Changes hold for all lives to come. */
  configure(changes: Changes): Promise<Reloaded>;
  /** Ends the program as SIGTERM does. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL does: the next life finds what the disk has at this instant, and nothing more reaches the platform. */
  kill(): Promise<void>;
  /** A crash: kills the program and starts it again. */
  restart(changes?: Changes): Promise<void>;
}

/** One life of the program. */
interface Life {
  readonly app: App;
  readonly folder: string;
  /** From now on nothing of it reaches the platform. */
  cut(): void;
}

/** Starts Lookout over a configuration. It ends by itself after the test, with all that belongs to it. */
export async function createTestApp<C extends Clock = TestClock>(options: TestAppOptions<C>): Promise<TestApp<C>> {
  const root = folderWith({});
  const clock = options.clock ?? (createTestClock() as Clock as C);
  const cable = await startCableServer(options.cable);
  const platform = createScriptedAdapter();
  const said: string[] = [];
  const printed: string[] = [];
  const lines: string[] = [];
  const note = (level: string, fields: object, text: string) => {
    lines.push(JSON.stringify({ level, ...fields, msg: text }));
    if (level !== 'debug') said.push(`${level} ${text}`);
  };
  const at = (level: string) => (fields: object, text: string) => note(level, fields, text);
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  let current: TestAppOptions<C> | (TestAppOptions<C> & Changes) = options;
  let folder = join(root, 'life-1');
  let lives = 1;
  let life: Life | null = null;
  /** Time of `listen` since the last ping. */
  let listenedMs = 0;

  function running(): Life {
    if (life === null) throw new Error('the program does not run');
    return life;
  }

  async function begin(): Promise<void> {
    const { cut, ofThisLife } = untilCut(platform);
    const scripted: Platform = { ...matrix, createAdapter: async () => ofThisLife };
    const others = options.platforms ?? [];
    const isTheirs = others.some(({ name }) => name === scripted.name);
    const platforms = [...others, ...(isTheirs ? [] : [scripted]), consolePlatform];
    const config = readConfig(folder, cable.url, current);
    const { changedAfterReading: changed } = current;
    if (changed !== undefined) writeConfig(folder, cable.url, { ...current, config: changed });
    const app = await startApp({
      config,
      ...{ platforms, inputs: extensions.inputs, clock, log, version: 'test', color: false, columns: 100, input: null },
      logLevel: silentLevel,
      readConfig: options.reloads === undefined ? null : () => loadConfiguration(folder, current),
      write: async (text) => void printed.push(stripVTControlCharacters(text)),
      safeguards: { ...safeguards, ...current.safeguards },
    });
    life = { app, folder, cut };
    // It is idle if nothing is to be requested.
    if (current.cable === undefined) await until(() => ['subscribed', 'idle'].includes(app.inputs.source.state.state));
    await settled(clock);
  }

  async function end(graceMs: number): Promise<void> {
    const { app } = running();
    life = null;
    let isStopped = false;
    const stopped = app.stop(graceMs).finally(() => {
      isStopped = true;
    });
    if (isTestClock(clock)) await advanceUntil(clock, () => isStopped, graceMs === 0 ? 0 : 50);
    await stopped;
  }

  const self: TestApp<C> = {
    ...{ clock, cable, platform, said, lines, printed },
    get parts() {
      return running().app;
    },
    get db() {
      return running().app.base.db;
    },
    get pipeline() {
      return running().app.ingest.pipeline;
    },
    get file() {
      return join(folder, 'lookout.db');
    },
    get client() {
      if (cable.newest === null) throw new Error('nobody has connected to the source');
      return cable.newest;
    },
    async hear(...messages) {
      for (const message of messages) self.client.message(message);
      await self.client.caughtUp();
      await self.pipeline.idle();
      await settled(clock);
    },
    async listen(ms) {
      for (let left = ms; left > 0; ) {
        const step = Math.min(left, PING_EVERY_MS - listenedMs);
        await this.clock.advance(step);
        left -= step;
        listenedMs = (listenedMs + step) % PING_EVERY_MS;
        if (listenedMs > 0) continue;
        this.client.ping();
        await this.client.caughtUp();
      }
    },
    async listenUntil(condition, stepMs = 50) {
      const look = async () => {
        if (await condition()) return true;
        await this.listen(stepMs);
        return false;
      };
      await until(look, { there: () => String(condition) });
    },
    async lose() {
      await cable.hangUp();
      await until(() => self.parts.inputs.source.state.state === 'lost');
    },
    async regain() {
      const before = cable.connections;
      await cable.listen();
      await advanceUntil(this.clock, () => cable.connections > before, 100);
      // The rest waits for no time.
      await until(() => self.parts.inputs.source.state.state === 'subscribed');
    },
    async start(changes = {}) {
      current = { ...current, ...changes };
      if (changes.cable !== undefined) cable.behave(changes.cable);
      await begin();
    },
    async configure(changes) {
      current = { ...current, ...changes };
      writeConfig(folder, cable.url, current);
      const { reloader } = running().app;
      if (reloader === null) throw new Error('this test needs `reloads: true`');
      return reloader.reload('lookout reload');
    },
    stop: () => end(GRACE_MS),
    async kill() {
      if (current.store !== 'file') throw new Error('a store in memory does not survive a kill: store: file');
      const dead = running();
      dead.cut();
      folder = join(root, `life-${++lives}`);
      copyStore(dead.folder, folder);
      await end(0);
    },
    async restart(changes) {
      await self.kill();
      await self.start(changes);
    },
  };
  onTestFinished(async () => {
    life?.cut();
    if (life !== null) await end(0);
    await cable.stop();
  });
  mkdirSync(folder);
  if (options.store === 'file') writeFileSync(self.file, await migratedFile(), { mode: 0o600 });
  await begin();
  return self;
}

function isTestClock(clock: Clock): clock is TestClock {
  return 'advance' in clock;
}

/** Lets all run that waits for no time. */
async function settled(clock: Clock): Promise<void> {
  if (isTestClock(clock)) await clock.advance(0);
}

function writeConfig(
  folder: string,
  url: string,
  { config: text, source = '', store = 'memory', files = {}, whole }: TestAppOptions<Clock> & Changes,
): void {
  const parts = [
    `source: { url: "${url}", key: secret-key${source === '' ? '' : `, ${source}`} }`,
    `store: ${store === 'file' ? 'sqlite:lookout.db' : 'memory'}`,
    'chats: { matrix: { homeserver: "https://a.org", token: secret-token } }',
  ];
  const all = { ...files, 'config.yaml': whole?.(url) ?? `${parts.join('\n')}\n${text}\n` };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
}

function loadConfiguration(folder: string, { environment = {} }: Pick<TestAppOptions, 'environment'>) {
  return loadConfig(join(folder, 'config.yaml'), environment, extensions);
}

function readConfig(folder: string, url: string, current: TestAppOptions<Clock> & Changes) {
  writeConfig(folder, url, current);
  const { config, problems } = loadConfiguration(folder, current);
  if (config === null) throw new Error(problems.map(formatProblem).join('\n'));
  return config;
}

/** Copies a database as a process that dies now leaves it: its last commits are in the write-ahead log. */
function copyStore(from: string, to: string): void {
  mkdirSync(to);
  for (const name of ['lookout.db', 'lookout.db-wal'])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
}

/** An adapter over the platform, up to `cut`: from then on it sends nothing, and no answer comes. */
function untilCut(platform: ScriptedAdapter) {
  let isCut = false;
  const never = () => new Promise<never>(() => {});
  // A test may replace the platform's functions at any time.
  const ofThisLife = new Proxy(platform, {
    get: (target, key) => (isCut && key === 'send' ? never : Reflect.get(target, key)),
  });
  return {
    ofThisLife,
    cut() {
      isCut = true;
    },
  };
}
