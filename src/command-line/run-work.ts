import type { AppOptions, Ending } from '../app/options.ts';
import { startApp } from '../app/start-app.ts';
import type { UnitProcessOptions } from '../app/unit-process.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { Secret } from '../secrets/secret.ts';
import type { ExitCode } from './terminal.ts';

/** Lookout as it runs in this process: all of its work, or some of its units. */
export interface Running {
  readonly reloader: Reloader | null;
  /** The secrets of the configuration in effect. */
  readonly secrets: () => readonly Secret[];
}

export interface RunWork {
  /** Aborted by a signal that ends the process. */
  readonly signal: AbortSignal;
  /** Called once the process works, or stands ready to. */
  readonly onRunning: (running: Running) => void;
  /** Set by a test among several processes. */
  readonly hooks?: Partial<Pick<UnitProcessOptions, 'takeLease' | 'onUnits'>>;
}

/** The end of the work; what runs still is to be stopped. */
export interface Ended {
  readonly code: ExitCode;
  readonly ending: Ending | null;
  stop(graceMs: number): Promise<void>;
}

/**
 * Runs Lookout until a signal, or until it cannot continue. With a database on PostgreSQL several processes share the work in units,
 * and each takes some of them.
 */
export async function runWork(options: AppOptions, { signal, onRunning, hooks }: RunWork): Promise<Ended> {
  const signalled = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
  const { running, ending, stop } = await started(options, hooks);
  onRunning(running);
  try {
    const end = signal.aborted ? null : await Promise.race([signalled, ending]);
    return { code: end === null ? 0 : 1, ending: end, stop };
  } catch (err) {
    await stop(0);
    throw err;
  }
}

async function started(options: AppOptions, hooks: RunWork['hooks']) {
  const { config } = options;
  const { store } = config;
  if (store.kind !== 'postgres') {
    const { reloader, base, ending, stop } = await startApp(options);
    return { running: { reloader, secrets: () => base.config().secrets }, ending, stop };
  }
  // The driver of PostgreSQL is loaded only if it is needed.
  const { UnitProcess } = await import('../app/unit-process.ts');
  const { takeLease } = await import('../store/postgres/take-lease.ts');
  const process = new UnitProcess({
    ...options,
    config: { ...config, store },
    ...{ takeLease, onUnits() {} },
    ...hooks,
  });
  await process.start();
  const { reloader } = process;
  return {
    running: { reloader, secrets: () => process.config().secrets },
    ending: process.ending,
    stop: (graceMs: number) => process.stop(graceMs),
  };
}
