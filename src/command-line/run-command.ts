import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import type { Platform } from '../adapters/platform.ts';
import { safeguards } from '../app/safeguards.ts';
import type { App } from '../app/start-app.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Environment } from '../config/substitute.ts';
import { createLog, type LogLevel } from '../log.ts';
import { placeOf } from '../store/place.ts';
import { excerpt } from '../text/excerpt.ts';
import { shownLine } from '../text/shown.ts';
import { systemClock } from '../time/clock.ts';
import { endOnFailure } from './end-on-failure.ts';
import { extensions } from './extensions.ts';
import { createServiceManager, sendWithSystemd } from './service-manager.ts';
import { takeTurns, waitForLease } from './take-turns.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Time for a send in flight to end after the first signal, ms. */
const GRACE_MS = 1_000;
/** Time after the first signal at which the process ends, whatever still hangs, ms. */
const END_AT_LATEST_MS = 2_000;
/** Time for the reader of our output to take the last of it, ms. */
const FLUSH_MS = 250;
/** Time within which a second signal is the same one, ms: npm and the terminal both pass Ctrl-C on. */
const SAME_SIGNAL_MS = 500;

export interface RunOptions {
  /** The level at first; null: that of the configuration. */
  readonly logLevel: LogLevel | null;
  /**
   * Calls back at every SIGINT and SIGTERM, to the very end: a second Ctrl-C while the process is ending must not kill
   * it.
   */
  readonly onSignal: (callback: () => void) => void;
  /** Calls back when something fails that nothing catches, which would end the process. */
  readonly onFailure: (callback: (err: unknown) => void) => void;
  /** Calls back at every SIGHUP that asks for a reload. */
  readonly onReload: (callback: () => void) => void;
  /** The variables that the configuration may name. */
  readonly environment: Environment;
  /** Ends the process at once. */
  readonly exitNow: (code: ExitCode) => void;
  /** Shows text in console rooms; rejects when there is no reader any more. */
  readonly write: (text: string) => Promise<void>;
  /** Input for the commands of console rooms. */
  readonly input: Readable;
  /** Every platform that the configuration may name. */
  readonly platforms: readonly Platform[];
  /** The version of Lookout. */
  readonly version: string;
  /** Resolves when all output has been taken by its readers, or when there is no reader any more. */
  readonly flushed: () => Promise<void>;
}

/** Runs `lookout run` until a signal (exit 0) or until it cannot continue (exit 1). */
export async function runCommand(config: Config, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  let app: App | null = null;
  const log = createLog({
    write: terminal.styled,
    forPeople: terminal.errIsTerminal,
    color: terminal.errColor,
    level: options.logLevel ?? config.logLevel,
    secrets: () => app?.base.config().secrets ?? config.secrets,
  });
  options.onFailure(endOnFailure({ log, clock: systemClock, flushed: options.flushed, exitNow: options.exitNow }));
  const { environment } = options;
  const service = createServiceManager({ environment, clock: systemClock, log, send: sendWithSystemd(environment) });
  const stopping = new AbortController();
  let firstAt: number | null = null;
  let inTime = () => {};
  /**
   * Ends the process in time even if the start itself or a forgotten part hangs. Stored data does not need an orderly
   * end.
   */
  function endInTime(code: ExitCode): void {
    inTime = systemClock.after(END_AT_LATEST_MS, () => {
      log.warn({}, 'shutdown timed out; exiting. Stored data is intact and delivery resumes at the next start');
      options.exitNow(code);
    });
  }
  options.onSignal(() => {
    const now = systemClock.monotonic();
    if (firstAt === null) {
      firstAt = now;
      stopping.abort();
      endInTime(0);
    } else if (now - firstAt >= SAME_SIGNAL_MS) options.exitNow(0);
  });
  let isAsked = false;
  options.onReload(() => {
    isAsked = app === null;
    void app?.reloader?.reload('SIGHUP');
  });
  if (config.source.url === 'demo') terminal.styled(demoBanner(config, terminal.errColor));
  const appOptions = {
    config,
    readConfig: () => loadConfig(config.file, options.environment, extensions),
    clock: systemClock,
    log,
    logLevel: log,
    write: options.write,
    color: terminal.outColor,
    columns: terminal.outColumns,
    input: options.input,
    version: options.version,
    safeguards,
    platforms: options.platforms,
    inputs: extensions.inputs,
  };
  let isReady = false;
  const onTurn = (now: App | null) => {
    app = now;
    // The configuration was read before the start, or long ago by one that stood by.
    if (isAsked && now !== null) {
      isAsked = false;
      void now.reloader?.reload('SIGHUP');
    }
    if (!isReady) service.ready();
    isReady = true;
  };
  const ended = await takeTurns(appOptions, { signal: stopping.signal, onTurn, waitForLease }).catch((err: unknown) => {
    inTime();
    throw err;
  });
  const { code, ending } = ended;
  if (ending !== null) log.error({ reason: ending.reason }, `${ending.text}: ending`);
  service.stopping();
  if (firstAt === null) endInTime(code);
  await ended.app?.stop(GRACE_MS);
  inTime();
  // A reader that has not taken the output by now will not take it. It is stored as sent or not sent, so nothing is
  // lost.
  const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
  const cancel = systemClock.after(FLUSH_MS, () => giveUp(options.exitNow(code)));
  await Promise.race([options.flushed(), givenUp]);
  cancel();
  return code;
}

/**
 * Returns the text above the sample events for newcomers: what this is, and how to set up real rooms, with the commands
 * as they are typed in a checkout (which runs TypeScript) or after an installation of the package.
 */
export function demoBanner(
  { file, rooms, chats, store }: Pick<Config, 'file' | 'rooms' | 'chats' | 'store'>,
  color: boolean,
  isCheckout = import.meta.url.endsWith('.ts'),
): string {
  const strong = (text: string) => (color ? styleText('bold', text) : text);
  const typed = isCheckout
    ? { check: 'npx lookout check', run: 'npm start' }
    : { check: 'lookout check', run: 'lookout run' };
  const isHarmless =
    Object.values(chats).every((chat) => Object.keys(chat ?? {}).length === 0) && store.kind === 'memory';
  const names = rooms.map(({ name }) => shownLine(name));
  const [first = 'hq'] = names;
  const about = isHarmless
    ? 'Lookout is playing sample events into rooms on this terminal: no account, no network, nothing stored.'
    : `The source is demo: made-up events go to ${excerpt(names.join(', '), 200)}${store.kind === 'memory' ? '' : `, and are stored in ${shownLine(placeOf(store))}`}.`;
  return [
    '',
    strong(about),
    ...(isHarmless
      ? [
          'To set up real rooms:',
          `  1. cp ${shownLine(file)} config.yaml, and put your source, rooms and subscriptions into it;`,
          '     README.md shows what a first room needs.',
          `  2. ${typed.check.padEnd(21)} reports every mistake in it, and where, before anything runs.`,
          `  3. ${typed.run.padEnd(21)} runs config.yaml from then on.`,
        ]
      : []),
    `Type /help for the commands of a room, or /${first} status for the room ${first}. Ctrl-C stops it.`,
    '',
    '',
  ].join('\n');
}
