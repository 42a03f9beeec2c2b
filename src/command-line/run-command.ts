import type { Readable } from 'node:stream';
import type { Platform } from '../adapters/platform.ts';
import type { AppOptions } from '../app/options.ts';
import { safeguards } from '../app/safeguards.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Environment } from '../config/substitute.ts';
import { createLog, type Log, type LogLevel, type LogLevelSwitch } from '../log.ts';
import { systemClock } from '../time/clock.ts';
import { demoBanner } from './demo-banner.ts';
import { EndInTime } from './end-in-time.ts';
import { endOnFailure } from './end-on-failure.ts';
import { extensions } from './extensions.ts';
import { ReloadOnSignal } from './reload-on-signal.ts';
import { type Running, runWork } from './run-work.ts';
import { createServiceManager, sendWithSystemd } from './service-manager.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Time for a send in flight to end after the first signal, ms. */
const GRACE_MS = 1_000;

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
  let running: Running | null = null;
  const log = createLog({
    write: terminal.styled,
    forPeople: terminal.errIsTerminal,
    color: terminal.errColor,
    level: options.logLevel ?? config.logLevel,
    secrets: () => running?.secrets() ?? config.secrets,
  });
  const { environment, exitNow, flushed } = options;
  options.onFailure(endOnFailure({ log, clock: systemClock, flushed, exitNow }));
  const service = createServiceManager({ environment, clock: systemClock, log, send: sendWithSystemd(environment) });
  const end = new EndInTime({ exitNow, flushed, clock: systemClock, log });
  options.onSignal(() => end.signalled());
  const reload = new ReloadOnSignal();
  options.onReload(() => reload.asked());
  if (config.source.url === 'demo') terminal.styled(demoBanner(config, terminal.errColor));
  const onRunning = (now: Running) => {
    running = now;
    reload.begin(now.reloader);
    service.ready();
  };
  const ended = await runWork(appOptions(config, { ...options, log }, terminal), {
    signal: end.signal,
    onRunning,
  }).catch((err: unknown) => {
    end.stopped();
    throw err;
  });
  const { code, ending } = ended;
  if (ending !== null) log.error({ reason: ending.reason }, `${ending.text}: ending`);
  service.stopping();
  end.begin(code);
  await ended.stop(GRACE_MS);
  end.stopped();
  await end.flush(code);
  return code;
}

function appOptions(
  config: Config,
  { environment, write, input, version, platforms, log }: RunOptions & { readonly log: Log & LogLevelSwitch },
  terminal: Terminal,
): AppOptions {
  return {
    config,
    readConfig: () => loadConfig(config.file, environment, extensions),
    ...{ clock: systemClock, log, logLevel: log, write, input, version, safeguards, platforms },
    color: terminal.outColor,
    columns: terminal.outColumns,
    inputs: extensions.inputs,
  };
}
