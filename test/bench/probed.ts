import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The probe's look at a process. */
export interface ProbeLook {
  /** User and system time since the last look, in seconds. */
  readonly cpuSeconds: number;
  /** The longest time in which the event loop did nothing else since the last look, in milliseconds. */
  readonly longestBlockMs: number;
  readonly residentMb: number;
  /** The most that was ever resident. */
  readonly peakMb: number;
  readonly heapMb: number;
}

/** A process that has the probe in it. */
export interface Probed {
  /** Gives the costs since the last look, and the memory now. The first look counts the start, too. */
  look(): Promise<ProbeLook>;
}

/** A process whose event loop is blocked for longer has failed, in milliseconds. */
const patienceMs = 60_000;
const probe = new URL('probe.js', import.meta.url).href;

/** The environment that loads the probe into a process of Node. `file`: where the probe writes. */
export function probeEnv(file: string): { readonly NODE_OPTIONS: string; readonly LOOKOUT_BENCH_PROBE: string } {
  return { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${probe}`, LOOKOUT_BENCH_PROBE: file };
}

/** `file`: as `probeEnv` was told. `pid` is asked at each look. */
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
