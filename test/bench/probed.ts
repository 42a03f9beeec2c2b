import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProbeLook } from './probe.ts';

/** A process that has the probe in it. */
export interface Probed {
  /** Gives the costs since the last look, and the memory now. The first look counts the start, too. */
  look(): Promise<ProbeLook>;
}

/** A process whose event loop is blocked for longer has failed, in milliseconds. */
const patienceMs = 60_000;
const probe = new URL('probe.ts', import.meta.url).href;

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
