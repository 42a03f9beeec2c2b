import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours, with every line that it said. */
export interface Child {
  readonly pid: number;
  /** Lines of standard output and standard error, in the order in which they came. */
  readonly lines: readonly string[];
  /** The first line, already said or still to come, that `matches`. Fails after `timeoutMs`, or when the process ends first. */
  waitForLine(matches: (line: string) => boolean, what: string, timeoutMs: number): Promise<string>;
  /** Sends the signal, also to the process' children when it leads a group, and resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  readonly exited: Promise<Exit>;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Makes it the leader of a process group of its own, as a terminal does. */
  readonly ownGroup?: boolean;
  readonly onLine?: (line: string) => void;
}

/** Starts a process whose standard input stays open for as long as we live. */
export function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: options.ownGroup ?? false,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const hear = (stream: Readable) =>
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
      for (const listener of listeners) listener(line);
    });
  hear(child.stdout);
  hear(child.stderr);
  // A process that ends while we still hold its standard input is no failure of ours.
  child.stdin.on('error', () => {});
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      lines.push(`${command} did not start: ${error.message}`);
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const tail = () => lines.slice(-15).join('\n');
  return {
    get pid() {
      if (child.pid === undefined) throw new Error(`${command} did not start`);
      return child.pid;
    },
    lines,
    exited,
    async waitForLine(matches, what, timeoutMs) {
      const said = lines.find(matches);
      if (said !== undefined) return said;
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const listener = (line: string) => matches(line) && resolve(line);
      listeners.add(listener);
      const timer = setTimeout(
        () => reject(new Error(`${command}: no ${what} within ${timeoutMs} ms. It said:\n${tail()}`)),
        timeoutMs,
      );
      void exited.then((exit) =>
        reject(new Error(`${command} ended (${exit.code ?? exit.signal}) before its ${what}. It said:\n${tail()}`)),
      );
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(listener);
      });
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        if (options.ownGroup) process.kill(-child.pid, signal);
        else child.kill(signal);
      }
      return exited;
    },
  };
}

/** A port of 127.0.0.1 that was free a moment ago, for servers that cannot pick one and say which. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
