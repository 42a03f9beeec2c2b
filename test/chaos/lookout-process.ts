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

export interface LookoutProcessOptions {
  readonly directory: string;
  readonly args: readonly string[];
  /** Called at every start. */
  readonly env: () => NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}

export function startLookoutProcess({ directory, args, env, onLine }: LookoutProcessOptions): LookoutProcess {
  /** True once the process has said something: before, while it loads, a signal ends it. */
  let isHearing = false;
  const start = () => {
    isHearing = false;
    return startChild(process.execPath, [program, ...args], {
      cwd: directory,
      env: { ...process.env, NO_COLOR: '1', ...env() },
      onLine(line) {
        isHearing = true;
        onLine(line);
      },
    });
  };
  let child = start();
  return {
    async kill(pauseMs, meanwhile) {
      await child.end('SIGKILL');
      onLine('--- SIGKILL');
      await meanwhile();
      await pause(pauseMs);
      child = start();
    },
    reload() {
      onLine(isHearing ? '--- SIGHUP' : '--- no SIGHUP, since it does not listen yet');
      if (!isHearing) return;
      try {
        process.kill(child.pid, 'SIGHUP');
      } catch {
        // It was killed a moment ago.
      }
    },
    async end(signal) {
      await child.end(signal);
    },
  };
}
