import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PATIENCE_MS } from './patience.ts';

/** The end of a process. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process with every line of its output. */
export interface Child {
  readonly pid: number;
  /** Lines of standard output and standard error, in the order of arrival. */
  readonly lines: readonly string[];
  /** The same as `waitForLine`, for standard output only. */
  waitForOutput(matches: (line: string) => boolean, what: string, timeoutMs?: number): Promise<string>;
  /** Returns the first past or future line that `matches`. Fails after `timeoutMs`, or when the process ends first. */
  waitForLine(matches: (line: string) => boolean, what: string, timeoutMs?: number): Promise<string>;
  /**
   * Sends the signal, to the whole group if it leads one, and resolves when it and all processes with the same output
   * have ended.
   */
  end(signal: NodeJS.Signals): Promise<Exit>;
  readonly exited: Promise<Exit>;
  /** Resolves like `wanted`, or fails as soon as the process ends before. */
  whileRunning<T>(wanted: Promise<T>): Promise<T>;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Makes it the leader of its own process group, as a terminal does. */
  readonly ownGroup?: boolean;
  readonly onLine?: (line: string) => void;
}

/** Node's own cache of compiled modules, if the runner of the tests has one. */
const cached =
  process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };

/** Starts a process whose standard input stays open as long as this process lives. */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...cached, ...(options.env ?? process.env) },
    detached: options.ownGroup ?? false,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const output: string[] = [];
  const waiting = new Set<() => void>();
  const hear = (stream: Readable, kept: readonly string[][]) =>
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      for (const list of kept) list.push(line);
      options.onLine?.(line);
      for (const look of waiting) look();
    });
  hear(child.stdout, [lines, output]);
  hear(child.stderr, [lines]);
  // No child outlives this process, however it ends.
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  // A process may end while we still hold its standard input.
  child.stdin.on('error', () => {});
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      lines.push(`${command} did not start: ${error.message}`);
      resolve({ code: null, signal: null });
    });
    // Not `exit`: processes that it left behind keep its output open.
    child.once('close', (code, signal) => {
      process.off('exit', endWithUs);
      resolve({ code, signal });
    });
  });

  /** Returns the first past or future line of `among` that `matches`. */
  async function wait(
    among: readonly string[],
    matches: (line: string) => boolean,
    what: string,
    timeoutMs = PATIENCE_MS,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string) => reject(new Error(`${command}: ${why}. It said:\n${lines.slice(-15).join('\n')}`));
    let seen = 0;
    const look = () => {
      while (seen < among.length) {
        const line = among[seen++];
        if (line !== undefined && matches(line)) return resolve(line);
      }
    };
    waiting.add(look);
    const timer = setTimeout(() => fail(`no ${what} within ${timeoutMs} ms`), timeoutMs);
    void exited.then(({ code, signal }) => fail(`it ended (${code ?? signal}) before its ${what}`));
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(look);
    });
  }

  return {
    get pid() {
      if (child.pid === undefined) throw new Error(`${command} did not start`);
      return child.pid;
    },
    lines,
    exited,
    whileRunning: (wanted) =>
      Promise.race([
        wanted,
        exited.then(({ code, signal }) => {
          throw new Error(`${command} ended (${code ?? signal}). It said:\n${lines.slice(-15).join('\n')}`);
        }),
      ]),
    waitForLine: (matches, what, timeoutMs) => wait(lines, matches, what, timeoutMs),
    waitForOutput: (matches, what, timeoutMs) => wait(output, matches, what, timeoutMs),
    async end(signal) {
      if (child.pid === undefined) return exited;
      if (options.ownGroup) signalGroup(child.pid, signal);
      else child.kill(signal);
      return exited;
    },
  };
}

/** Signals the rest of the group, even if its leader has ended. */
function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Returns a port of 127.0.0.1 that was free a moment ago, for servers that cannot choose one and report it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
