import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import type { Loaded } from '../config/load-config.ts';
import type { CurrentConfig } from '../config/per-config.ts';
import type { PlatformRules } from '../config/platform.ts';
import type { Problem } from '../config/problem.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../notices/operator-notices.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import { logFailure } from '../store/log-failure.ts';
import { counted } from '../text/counted.ts';
import { storeBackoffMs } from '../time/backoff.ts';
import { type Clock, sleep } from '../time/clock.ts';
import { type Change, changeLine, type Effect } from './change.ts';
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
  /** Part of it is not in effect, for these reasons. The next reload tries that again. */
  | { readonly outcome: 'failed'; readonly changes: readonly string[]; readonly problems: readonly string[] };

/** A part of a configuration that a person must make possible before it can be in effect. */
export interface Unapplied {
  readonly kind: Effect['kind'];
  readonly reason: string;
}

export interface ReloaderOptions {
  readonly config: CurrentConfig;
  /** Reads the configuration's file anew. */
  readonly read: () => Loaded;
  readonly platforms: readonly PlatformRules[];
  /** Puts a configuration into effect, and returns what of it is not. May be called again with the same one if it threw. */
  readonly apply: (next: Config, changes: readonly Change[]) => Promise<readonly Unapplied[]>;
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
  /** The operators were told that a configuration is not in effect, or only in part. */
  #wasBad = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** Reloads, after the reload that runs. Several requests meanwhile are one. */
  reload(cause: ReloadCause): Promise<Reloaded> {
    if (this.#next !== null) return this.#next;
    const reloaded = this.#running.then(async () => {
      this.#next = null;
      const result = await this.#reload(cause).catch((err: unknown) => this.#fail(cause, [], [this.#failure(err)]));
      this.#options.onEnd(result);
      return result;
    });
    this.#next = reloaded;
    this.#running = reloaded;
    return reloaded;
  }

  /** Resolves when no reload runs. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #reload(cause: ReloadCause): Promise<Reloaded> {
    const { read, config, platforms } = this.#options;
    const { config: next, problems, secrets } = read();
    // A problem may quote a token that stands in a wrong place, and operators read it.
    const line = (problem: Problem) => withoutSecrets(problemLine(problem), secrets);
    const lines = problems.map(line);
    if (next === null) {
      this.#refuse(cause, lines, problems.filter(({ severity }) => severity === 'error').map(line));
      return { outcome: 'refused', problems: lines };
    }
    const found = compareConfigs(config(), next, platforms);
    const changes = [...this.#unfinished.filter((known) => !found.some((one) => isSameKey(one, known))), ...found];
    const failed = await this.#apply(next, changes);
    const texts = changes.map(changeLine);
    if (failed.length > 0) return this.#fail(cause, texts, failed);
    this.#say(cause, texts, lines);
    return { outcome: 'applied', changes: texts, warnings: lines };
  }

  /** Returns why a part of the configuration is not in effect; none: all of it is. */
  async #apply(next: Config, changes: readonly Change[]): Promise<readonly string[]> {
    const { apply, clock } = this.#options;
    const { signal } = this.#stopping;
    this.#unfinished = changes.filter(({ effect }) => isActedOn(effect.kind));
    let reason = 'Lookout is ending';
    for (let failures = 1; !signal.aborted && failures <= ATTEMPTS; failures++) {
      try {
        const unapplied = await apply(next, changes);
        this.#unfinished = changes.filter(({ effect }) => unapplied.some(({ kind }) => kind === effect.kind));
        return unapplied.map((one) => one.reason);
      } catch (err) {
        const waitMs = storeBackoffMs(failures);
        const isLast = failures === ATTEMPTS;
        reason = this.#failure(err, isLast ? '' : `; retrying in ${waitMs / 1_000} s`);
        if (!isLast) await sleep(clock, waitMs, signal);
      }
    }
    return [reason];
  }

  /** Logs a failure of the store, or of our own code, and returns it as a reason for people. */
  #failure(err: unknown, then = ''): string {
    logFailure(this.#options.log, err, {}, `the configuration could not be put into effect as a whole${then}`);
    return `Lookout failed on it (${err instanceof Error ? err.message : String(err)}): see its log`;
  }

  /** `errors`: the problems without warnings, which operators need not read now. */
  #refuse(cause: ReloadCause, problems: readonly string[], errors: readonly string[]): void {
    const { log } = this.#options;
    log.error({ cause, problems }, `the configuration is refused (${cause}); the one before it is used on:`);
    for (const line of problems) log.error({}, line);
    const more = errors.length > MOST_TOLD ? ` And ${errors.length - MOST_TOLD} more.` : '';
    const some = errors.slice(0, MOST_TOLD).join(' · ');
    this.#wasBad = true;
    // Other problems are told at once, the same ones not.
    const text = `The changed configuration is refused, and the one before it is used on: ${some}${more}`;
    this.#tell(`refused: ${some}`, text);
  }

  #fail(cause: ReloadCause, changes: readonly string[], problems: readonly string[]): Reloaded {
    const failed = { outcome: 'failed', changes, problems } as const;
    if (this.#stopping.signal.aborted) return failed;
    const { log } = this.#options;
    const then = 'the next reload tries the rest again';
    log.error({ cause, problems }, `part of the configuration is not in effect (${cause}); ${then}:`);
    for (const line of problems) log.error({}, line);
    for (const line of changes) log.info({}, line);
    this.#wasBad = true;
    const some = problems.join(' · ');
    this.#tell(`failed: ${some}`, `Part of the changed configuration is not in effect, and ${then}: ${some}`);
    return failed;
  }

  #say(cause: ReloadCause, changes: readonly string[], warnings: readonly string[]): void {
    const { log } = this.#options;
    const wasBad = this.#wasBad;
    this.#wasBad = false;
    const what = changes.length === 0 ? 'nothing changed' : counted(changes.length, 'change');
    // A file is written again without a change in it, or was read by an earlier reload.
    const isNews = changes.length > 0 || wasBad || cause !== 'a changed file';
    log[isNews ? 'info' : 'debug']({ cause, changes: changes.length }, `configuration reloaded (${cause}): ${what}`);
    for (const line of changes) log.info({}, line);
    if (changes.length > 0) for (const line of warnings) log.warn({}, line);
    if (wasBad) this.#tell('taken', 'The changed configuration is in order and in effect.');
  }

  #tell(state: string, text: string): void {
    this.#options.tell(state, text, 'configuration');
  }
}

/** Returns true if something must be done for a change, so that it may fail, and no later comparison finds it. */
function isActedOn(kind: Effect['kind']): boolean {
  return kind !== 'atOnce' && kind !== 'otherCommand' && kind !== 'restart';
}

const isSameKey = (a: Change, b: Change) => a.key === b.key && a.effect.kind === b.effect.kind;
