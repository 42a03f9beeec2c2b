import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';

const program = fileURLToPath(new URL('lookout.ts', import.meta.url));

/** Lookout as a process that is killed and started again. */
export interface LookoutProcess {
  /** Sends SIGKILL, and starts it again after this delay, ms, and after `meanwhile`. */
  kill(pauseMs: number, meanwhile: () => Promise<void> | void): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
  /** Sends SIGHUP, if it runs and listens. */
  reload(): void;
}

/** One process of several. */
export interface OneProcess extends LookoutProcess {
  /** Sends a signal and starts it again after this delay, ms. */
  restart(signal: 'SIGKILL' | 'SIGTERM', pauseMs: number): Promise<void>;
  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface LookoutProcessOptions {
  readonly directory: string;
  readonly args: readonly string[];
  /** Called at every start. */
  readonly env: () => NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  /** Starts it again when it ends by itself, as a service manager does, and calls back. Absent: it stays ended. */
  readonly onOwnEnd?: (code: number | null) => void;
}

/** Delay before a process that ended by itself is started again, ms. */
const againMs = 300;

export function startLookoutProcess(options: LookoutProcessOptions): OneProcess {
  const { directory, args, env, onLine, onOwnEnd } = options;
  /** True once the process has said something: before, while it loads, a signal ends it. */
  let isHearing = false;
  /** Rises with each start and each end that we wanted: a later one replaces what an earlier one was about to do. */
  let change = 0;
  const start = () => {
    isHearing = false;
    const mine = ++change;
    const started = startChild(process.execPath, [program, ...args], {
      cwd: directory,
      env: { ...process.env, NO_COLOR: '1', ...env() },
      onLine(line) {
        isHearing = true;
        onLine(line);
      },
    });
    if (onOwnEnd !== undefined)
      void started.exited.then(async ({ code }) => {
        if (change !== mine) return;
        onLine(`--- ended by itself (${code})`);
        onOwnEnd(code);
        await pause(againMs);
        if (change === mine) child = start();
      });
    return started;
  };
  async function restart(signal: NodeJS.Signals, pauseMs: number, meanwhile: () => Promise<void> | void = () => {}) {
    const mine = ++change;
    onLine(`--- ${signal}`);
    await child.end(signal);
    await meanwhile();
    await pause(pauseMs);
    if (change === mine) child = start();
  }
  function signal(name: NodeJS.Signals): void {
    try {
      process.kill(child.pid, name);
    } catch {
      // It was killed a moment ago.
    }
  }
  let child = start();
  return {
    kill: (pauseMs, meanwhile) => restart('SIGKILL', pauseMs, meanwhile),
    restart: (name, pauseMs) => restart(name, pauseMs),
    signal,
    reload() {
      onLine(isHearing ? '--- SIGHUP' : '--- no SIGHUP, since it does not listen yet');
      if (isHearing) signal('SIGHUP');
    },
    async end(name) {
      change++;
      await child.end(name);
    },
  };
}
