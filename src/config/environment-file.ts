import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import type { Problem } from './problem.ts';
import type { Environment } from './substitute.ts';

/** An environment, with what is wrong with the file that a part of it is from. */
export interface FilledEnvironment {
  readonly environment: Environment;
  readonly problems: readonly Problem[];
}

/**
 * Adds the variables of the file `.env` beside a configuration, if it is there, in the syntax of `node --env-file`
 * (https://nodejs.org/api/environment_variables.html#dotenv). A variable of the process goes before one of the file.
 */
export function withEnvironmentFile(configuration: string, environment: Environment): FilledEnvironment {
  const file = join(dirname(configuration), '.env');
  if (!existsSync(file)) return { environment, problems: [] };
  const read = readTextFile(file, maxConfigBytes);
  const problem = (severity: Problem['severity'], wrong: string, right: string): Problem[] => [
    { file, line: 1, column: 1, severity, wrong, right },
  ];
  if (read.outcome === 'unreadable') return { environment, problems: problem('error', read.wrong, read.right) };
  return {
    environment: { ...parseEnv(read.text), ...environment },
    problems: read.isReadableByOthers
      ? problem('warning', 'others can read this file, which is for secrets', `chmod 600 ${file}`)
      : [],
  };
}
