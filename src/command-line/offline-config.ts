import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { withEnvironmentFile } from '../config/environment-file.ts';
import { type Loaded, loadConfig } from '../config/load-config.ts';
import type { Problem } from '../config/problem.ts';
import type { Environment } from '../config/substitute.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { type CommandLine, configFile, withErrorsTold } from './command-line.ts';
import { extensions } from './extensions.ts';
import { filled, unsetIn } from './find-store.ts';
import type { ExitCode } from './terminal.ts';

/**
 * Values of a variable that is not set: in the form of a bot's token, of 32 bytes (`store_key`), and of a recovery key.
 */
const standIns = [
  'stand-in-for-a-secret.stand-in.that-is-not-needed-here',
  '2a'.repeat(32),
  'EsTD WAEu MA9E 8kSz jP96 W6Zz hzKL MK87 WRss 7KeK JKnf PkjB',
] as const;

/** Two accounts must not have one token. */
const standInFor = (name: string) => `${standIns[0]}-${name}`;

type Offline = Pick<Loaded, 'config' | 'problems'>;

/**
 * Loads a configuration for a command that connects to nothing: variables that are not set get a stand-in, so that it
 * works without the tokens of `run`.
 */
export function loadOffline(file: string, given: Environment): Offline {
  const real = loadConfig(file, given, extensions);
  if (real.config !== null) return real;
  const read = readTextFile(file, maxConfigBytes);
  const text = read.outcome === 'text' ? read.text : '';
  const { environment } = withEnvironmentFile(file, given);
  const { config, problems } = loadFilled(file, filled(text, environment, standInFor), unsetIn(text, environment));
  // A value that cannot be a stand-in is a variable that must be set.
  const isAt = (one: Problem) => (other: Problem) =>
    other.file === one.file && other.line === one.line && other.column === one.column;
  return { config, problems: problems.map((one) => real.problems.find(isAt(one)) ?? one) };
}

/** Loads it with the stand-in for each variable of `unset` that has the fewest errors. */
function loadFilled(file: string, first: Environment, unset: readonly string[]): Offline {
  let environment = first;
  let best: Offline = loadConfig(file, environment, extensions);
  for (const name of unset) {
    for (const standIn of standIns.slice(1)) {
      if (best.config !== null) return best;
      const other = { ...environment, [name]: standIn };
      const loaded = loadConfig(file, other, extensions);
      if (errorsIn(loaded) < errorsIn(best)) [environment, best] = [other, loaded];
    }
  }
  return best;
}

const errorsIn = ({ problems }: Offline): number => problems.filter(({ severity }) => severity === 'error').length;

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
