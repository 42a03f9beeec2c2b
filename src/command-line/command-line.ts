import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { Platform } from '../adapters/platform.ts';
import type { Questions } from '../adapters/setup.ts';
import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { MetricsStartError } from '../metrics/metrics-start-error.ts';
import { StoreError } from '../store/store-errors.ts';
import { systemClock } from '../time/clock.ts';
import { extensions } from './extensions.ts';
import { findConfig } from './find-config.ts';
import { findStore } from './find-store.ts';
import type { NamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** The process in which a command runs. */
export interface CommandLine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Lookout's own. */
  readonly version: string;
  /** Sets the exit code of the process. */
  readonly end: (code: ExitCode) => void;
  /** Ends the process at once. */
  readonly exitNow: (code: ExitCode) => void;
  /** Calls back at every SIGINT and SIGTERM from now on. */
  readonly onSignal: (callback: () => void) => void;
  /** Calls back when something fails that nothing catches. */
  readonly onFailure: (callback: (err: unknown) => void) => void;
  /** Calls back at every SIGHUP from now on that asks for a reload: those of a terminal that was closed end the process. */
  readonly onReload: (callback: () => void) => void;
  /** Writes to standard output; rejects when there is no reader any more. */
  readonly write: (text: string) => Promise<void>;
  /** Resolves when all output has been taken by its readers, or when there is no reader any more. */
  readonly flushed: () => Promise<void>;
  /** Opens the input for the commands of console rooms. */
  readonly openInput: () => Readable;
  /** Opens the questions to the person at the terminal, or to the lines of standard input. */
  readonly openQuestions: () => Questions;
}

/** The option `-c`. */
export const configOption = () =>
  new Option('-c, --config <file>', 'the configuration; default config.yaml, else config.example.yaml');

/** The option `--json`. */
export const jsonOption = () => new Option('--json', 'one JSON document on standard output, for programs');

/** Returns the configuration's file, or null after printing that there is none. */
export function configFile({ terminal }: CommandLine, named: string | undefined): string | null {
  const found = findConfig(named, {
    path: process.cwd(),
    has: existsSync,
    shippedExample: fileURLToPath(new URL('../../config.example.yaml', import.meta.url)),
  });
  if (found.outcome === 'missing') {
    terminal.err(`${found.message}\n`);
    return null;
  }
  if (found.notice !== null) terminal.err(`${found.notice}\n`);
  return found.file;
}

/** Loads the configuration, prints every mistake in it, and continues only with a good one. */
export async function withConfig(
  line: CommandLine,
  named: string | undefined,
  work: (config: Config, platforms: readonly Platform[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { environment, terminal } = line;
  const file = configFile(line, named);
  if (file === null) return 2;
  const { config, problems, platforms } = loadConfig(file, environment, extensions);
  for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
  return config === null ? 2 : withErrorsTold(terminal, () => work(config, platforms));
}

/** Finds the store named in a configuration, without the parts that only `run` needs, above all secrets. */
export async function withStore(
  line: CommandLine,
  named: string | undefined,
  work: (named: NamedStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = configFile(line, named);
  if (file === null) return 2;
  const store = findStore(file, line.environment);
  if (store === null) return withConfig(line, file, (config) => work({ ...config, clock: systemClock }));
  return withErrorsTold(line.terminal, () => work({ file, store, clock: systemClock }));
}

/** Prints errors that a person must fix without a stack. */
export async function withErrorsTold(terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof StoreError || err instanceof MetricsStartError)) throw err;
    terminal.err(`${err.message}\n`);
    return 1;
  }
}
