import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The probe's measurements of a process. */
export interface ProbeLook {
  /** User and system time since the last look, s. */
  readonly cpuSeconds: number;
  /** Longest time since the last look for which the event loop was blocked, ms. */
  readonly longestBlockMs: number;
  readonly residentMb: number;
  /** Largest resident memory so far. */
  readonly peakMb: number;
  readonly heapMb: number;
}

/** The probe's measurements of a process that has ended. */
export type ProbeEnd = Pick<ProbeLook, 'cpuSeconds' | 'peakMb'>;

/** A process with the probe. */
export interface Probed {
  /** Returns the costs since the last look, and the present memory. The first look includes the start. */
  look(): Promise<ProbeLook>;
}

/** Time for which an event loop may be blocked before the process has failed, ms. */
const patienceMs = 60_000;
const probe = new URL('probe.js', import.meta.url).href;

/** Returns the environment that loads the probe into a Node process. `file`: where the probe writes. */
export function probeEnv(file: string): { readonly NODE_OPTIONS: string; readonly LOOKOUT_BENCH_PROBE: string } {
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${probe}`, LOOKOUT_BENCH_PROBE: file };
}

/** Reads the probe. `file`: the one of `probeEnv`. `pid` is called at each look. */
export function lookAt(pid: () => number, file: string): Probed {
  let looks = 0;
  return {
    async look() {
      const answer = `${file}.${++looks}`;
      process.kill(pid(), 'SIGUSR2');
      for (const end = performance.now() + patienceMs; !existsSync(answer); await pause(5))
        if (performance.now() > end) throw new Error(`the process did not answer its probe within ${patienceMs} ms`);
      const found = JSON.parse(readFileSync(answer, 'utf8')) as ProbeLook;
      rmSync(answer);
      return found;
    },
  };
}
