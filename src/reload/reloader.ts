import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import type { Loaded } from '../config/load-config.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../notices/operator-notices.ts';
import { logFailure } from '../store/log-failure.ts';
import { counted } from '../text/counted.ts';
import { storeBackoffMs } from '../time/backoff.ts';
import { type Clock, sleep } from '../time/clock.ts';
import { type Change, changeLine } from './change.ts';
import { compareConfigs } from './compare.ts';

/** Attempts to put a configuration into effect, which fails only if the store or our own code does. */
const ATTEMPTS = 4;
/** Most problems that operators are told at once. */
const MOST_TOLD = 5;

export type ReloadCause = 'SIGHUP' | 'lookout reload' | 'a changed file';

/** Each change, problem or warning is one line for people. */
export type Reloaded =
  | { readonly outcome: 'applied'; readonly changes: readonly string[]; readonly warnings: readonly string[] }
  /** The configuration is wrong: the one before it is still in effect. */
  | { readonly outcome: 'refused'; readonly problems: readonly string[] }
  /** Lookout could not put it into effect: see its log. */
  | { readonly outcome: 'failed'; readonly changes: readonly string[] };

export interface ReloaderOptions {
  readonly config: CurrentConfig;
  /** Reads the configuration's file anew. */
  readonly read: () => Loaded;
  readonly platforms: readonly PlatformRules[];
  /** Puts a configuration into effect. May be called again with the same one if it threw. */
  readonly apply: (next: Config, changes: readonly Change[]) => Promise<void>;
  /** Called at the end of each reload. */
  readonly onEnd: (reloaded: Reloaded) => void;
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads the configuration again, checks it, compares it with the one in effect, and puts it into effect. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** The reload that waits for the one that runs; null: none does. */
  #next: Promise<Reloaded> | null = null;
  /** Changes that could not be put into effect. */
  #unfinished: readonly Change[] = [];
  #wasRefused = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** Reloads, after the reload that runs. Several requests meanwhile are one. */
  reload(cause: ReloadCause): Promise<Reloaded> {
    if (this.#next !== null) return this.#next;
    const reloaded = this.#running.then(() => {
      this.#next = null;
      return this.#reload(cause);
    });
    this.#next = reloaded;
    this.#running = reloaded.catch(() => {});
    return reloaded;
  }

  /** Resolves when no reload runs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #reload(cause: ReloadCause): Promise<Reloaded> {
    const { read, config, platforms, onEnd } = this.#options;
    const { config: next, problems } = read();
    const lines = problems.map(problemLine);
    if (next === null) {
      const refused = { outcome: 'refused', problems: lines } as const;
      const errors = problems.filter(({ severity }) => severity === 'error').map(problemLine);
      this.#refuse(cause, lines, errors);
      onEnd(refused);
      return refused;
    }
    const changes = [...this.#unfinished, ...compareConfigs(config(), next, platforms)];
    const isDone = await this.#apply(next, changes);
    const texts = changes.map(changeLine);
    const reloaded: Reloaded = isDone
      ? { outcome: 'applied', changes: texts, warnings: lines }
      : { outcome: 'failed', changes: texts };
    if (isDone) this.#say(cause, texts, lines);
    onEnd(reloaded);
    return reloaded;
  }

  /** Returns true if the configuration is in effect. */
  async #apply(next: Config, changes: readonly Change[]): Promise<boolean> {
    const { apply, clock, log } = this.#options;
    const { signal } = this.#stopping;
    this.#unfinished = changes;
    for (let failures = 1; !signal.aborted && failures <= ATTEMPTS; failures++) {
      try {
        await apply(next, changes);
        this.#unfinished = [];
        return true;
      } catch (err) {
        const waitMs = storeBackoffMs(failures);
        const then = failures < ATTEMPTS ? `retrying in ${waitMs / 1_000} s` : 'the next reload tries it again';
        logFailure(log, err, {}, `the configuration could not be put into effect as a whole; ${then}`);
        if (failures < ATTEMPTS) await sleep(clock, waitMs, signal);
      }
    }
    return false;
  }

  /** `errors`: the problems without warnings, which operators need not read now. */
  #refuse(cause: ReloadCause, problems: readonly string[], errors: readonly string[]): void {
    const { log, tell } = this.#options;
    log.error({ cause, problems }, `the configuration is refused (${cause}); the one before it is used on:`);
    for (const line of problems) log.error({}, line);
    const more = errors.length > MOST_TOLD ? ` And ${errors.length - MOST_TOLD} more.` : '';
    const some = errors.slice(0, MOST_TOLD).join(' · ');
    this.#wasRefused = true;
    // Other problems are told at once, the same ones not.
    const text = `The changed configuration is refused, and the one before it is used on: ${some}${more}`;
    tell(`configuration refused: ${some}`, text);
  }

  #say(cause: ReloadCause, changes: readonly string[], warnings: readonly string[]): void {
    const { log, tell } = this.#options;
    const wasRefused = this.#wasRefused;
    this.#wasRefused = false;
    const what = changes.length === 0 ? 'nothing changed' : counted(changes.length, 'change');
    // A file is written again without a change in it, or was read by an earlier reload.
    const isNews = changes.length > 0 || wasRefused || cause !== 'a changed file';
    log[isNews ? 'info' : 'debug']({ cause, changes: changes.length }, `configuration reloaded (${cause}): ${what}`);
    for (const line of changes) log.info({}, line);
    if (changes.length > 0) for (const line of warnings) log.warn({}, line);
    if (wasRefused) tell('configuration taken', 'The changed configuration is in order and in effect.');
  }
}
