import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { type Loaded, loadConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';
import type { Environment } from '../config/substitute.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { type CommandLine, configFile, withErrorsTold } from './command-line.ts';
import { extensions } from './extensions.ts';
import { filled } from './find-store.ts';
import type { ExitCode } from './terminal.ts';

/** The value of a variable that is not set, in the form of a bot's token. */
const standIn = 'stand-in-for-a-secret.stand-in.that-is-not-needed-here';

/**
 * Loads a configuration for a command that connects to nothing: variables that are not set get a stand-in, so that it
 * works without the tokens of `run`.
 */
export function loadOffline(file: string, environment: Environment): Pick<Loaded, 'config' | 'problems'> {
  const real = loadConfig(file, environment, extensions);
  const read = readTextFile(file, maxConfigBytes);
  const text = read.outcome === 'text' ? read.text : '';
  const standIns = real.config === null ? loadConfig(file, filled(text, environment, standIn), extensions) : real;
  // A value that cannot be a stand-in is a variable that must be set.
  const isAt = (one: Problem) => (other: Problem) =>
    other.file === one.file && other.line === one.line && other.column === one.column;
  return {
    config: standIns.config,
    problems: standIns.problems.map((one) => real.problems.find(isAt(one)) ?? one),
  };
}

/** Loads the configuration for such a command. Prints every mistake in it, and continues only with a good one. */
export async function withOfflineConfig(
  line: CommandLine,
  named: string | undefined,
  work: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { environment, terminal } = line;
  const file = configFile(line, named);
  if (file === null) return 2;
  const { config, problems } = loadOffline(file, environment);
  for (const problem of problems) terminal.err(`${problemLine(problem)}\n`);
  return config === null ? 2 : withErrorsTold(terminal, () => work(config));
}
