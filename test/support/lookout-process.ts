import { fileURLToPath } from 'node:url';
import { type Exit, startChild } from './child.ts';
import { PATIENCE_MS } from './patience.ts';

const launcher = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));

/** A JSON line of Lookout's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** `lookout run` as a separate process that a test starts and kills as often as necessary. */
export interface LookoutProcess {
  readonly pid: number;
  /** All lines on standard output and standard error, of all runs. */
  readonly said: readonly string[];
  /** Returns the first log line of this run that `matches`. */
  waitForLog(matches: (line: LogLine) => boolean, what: string, timeoutMs?: number): Promise<LogLine>;
  /** Resolves like `wanted`, or fails as soon as this run ends before. */
  whileRunning<T>(wanted: Promise<T>): Promise<T>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again with the same configuration. */
  start(): void;
  /** Asks it to end, as a service manager would, and returns its exit. */
  stop(): Promise<Exit>;
}

export interface LookoutOptions {
  /** The configuration file; its folder is the working directory. */
  readonly config: string;
  readonly directory: string;
  /** Added to the environment: the secrets that the configuration names. */
  readonly env: Readonly<Record<string, string>>;
  /** The program to start. Default `src/lookout.js`. */
  readonly program?: string;
}

function parse(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as LogLine) : {};
  } catch {
    return {}; // a line that is not from the log
  }
}

/** Starts `node src/lookout.js run -c <config>` with the Node that runs the tests. */
export function startLookout({ config, directory, env, program = launcher }: LookoutOptions): LookoutProcess {
  const said: string[] = [];
  const start = () =>
    startChild(process.execPath, [program, 'run', '-c', config], {
      cwd: directory,
      env: { ...process.env, NO_COLOR: '1', ...env },
      onLine: (line) => said.push(line),
    });
  let child = start();
  return {
    get pid() {
      return child.pid;
    },
    said,
    async waitForLog(matches, what, timeoutMs = PATIENCE_MS) {
      return parse(await child.waitForLine((line) => matches(parse(line)), what, timeoutMs));
    },
    whileRunning: (wanted) => child.whileRunning(wanted),
    async kill() {
      await child.end('SIGKILL');
    },
    start() {
      child = start();
    },
    stop: () => child.end('SIGTERM'),
  };
}
