import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { platforms } from '../adapters/platforms.ts';
import { safeguards } from '../app/safeguards.ts';
import { startApp } from '../app/start-app.ts';
import type { Config } from '../config/config.ts';
import { createLog } from '../log.ts';
import { shownLine } from '../text/shown.ts';
import { systemClock } from '../time/clock.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** How long a send in flight may take to end after the first signal, in milliseconds. */
const GRACE_MS = 1_000;
/** So long after the first signal it is over, whatever still hangs, in milliseconds. */
const END_AT_LATEST_MS = 2_000;
/** How long whoever reads our output may take for the last of it, in milliseconds. */
const FLUSH_MS = 250;
/** npm and the terminal both pass Ctrl-C on: a second signal this soon is the first one again. */
const SAME_SIGNAL_MS = 500;

export interface RunOptions {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Calls back at every SIGINT and SIGTERM, to the very end: a second Ctrl-C while we end must not end us by signal. */
  readonly onSignal: (callback: () => void) => void;
  /** Ends the process at once. */
  readonly exitNow: (code: ExitCode) => void;
  /** Shows text in console rooms; rejects when nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  /** Where commands for console rooms are typed. */
  readonly input: Readable;
  /** Lookout's own. */
  readonly version: string;
  /** Resolves when all that was written is with its readers, or when nobody reads any more. */
  readonly flushed: () => Promise<void>;
}

/** `lookout run`: until a signal comes (exit 0) or there is no sense in going on (exit 1). */
export async function runCommand(config: Config, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const log = createLog({
    write: terminal.styled,
    forPeople: terminal.errIsTerminal,
    color: terminal.errColor,
    level: options.logLevel,
    secrets: () => config.secrets,
  });
  const { promise: bySignal, resolve: signalled } = Promise.withResolvers<ExitCode>();
  let firstAt: number | null = null;
  let inTime = () => {};
  /** Also where the start itself hangs, or a part that was forgotten: nothing that is stored needs our end. */
  function endInTime(code: ExitCode): void {
    inTime = systemClock.after(END_AT_LATEST_MS, () => {
      log.warn(
        {},
        'not everything ended in time: ended all the same; what is stored is whole, and goes on at the next start',
      );
      options.exitNow(code);
    });
  }
  options.onSignal(() => {
    const now = systemClock.monotonic();
    if (firstAt === null) {
      firstAt = now;
      signalled(0);
      endInTime(0);
    } else if (now - firstAt >= SAME_SIGNAL_MS) options.exitNow(0);
  });
  if (config.source.url === 'demo') terminal.styled(demoBanner(config.file, terminal.errColor));
  const app = await startApp({
    config,
    clock: systemClock,
    log,
    write: options.write,
    color: terminal.outColor,
    columns: terminal.outColumns,
    input: options.input,
    version: options.version,
    safeguards,
    platforms,
  }).catch((err: unknown) => {
    inTime();
    throw err;
  });
  const code = await Promise.race([
    bySignal,
    app.ending.then((ending): ExitCode => {
      log.error({ reason: ending.reason }, `${ending.text}: ending`);
      return 1;
    }),
  ]);
  if (firstAt === null) endInTime(code);
  await app.stop(GRACE_MS);
  inTime();
  // What a reader has not taken by now it does not take: it is written down as sent or as not sent, and nothing is lost.
  const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>();
  const cancel = systemClock.after(FLUSH_MS, () => giveUp(options.exitNow(code)));
  await Promise.race([options.flushed(), givenUp]);
  cancel();
  return code;
}

/** What a newcomer reads above the sample events: what this is, and how to go on to real rooms. */
function demoBanner(configFile: string, color: boolean): string {
  const strong = (text: string) => (color ? styleText('bold', text) : text);
  return [
    '',
    strong('Lookout is playing sample events into rooms on this terminal: no account, no network, nothing stored.'),
    'To go on to real rooms:',
    `  1. cp ${shownLine(configFile)} config.yaml, and put your source, rooms and subscriptions into it;`,
    '     README.md has the ten lines that it takes, for a first room.',
    '  2. npx lookout check     says what is wrong in it, and where, before anything runs.',
    '  3. npm start             runs config.yaml from then on.',
    'Ctrl-C ends it.',
    '',
    '',
  ].join('\n');
}
