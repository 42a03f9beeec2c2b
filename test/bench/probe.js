/**
 * Loaded into a process that is measured, before its program (`NODE_OPTIONS=--import=…`). At each SIGUSR2 it writes the
 * costs of the process since the one before into the file that `LOOKOUT_BENCH_PROBE` names, and the number of that
 * SIGUSR2 after a dot; when the process ends, those since its start, and `end` after the dot. Plain JavaScript, because removing types would cost memory that the process itself does not
 * need.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 5;
const bytesPerMb = 1024 * 1024;
const file = process.env.LOOKOUT_BENCH_PROBE;

if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let looks = 0;
  let cpu = process.cpuUsage();
  const look = () => {
    const { user, system } = process.cpuUsage(cpu);
    const { rss, heapUsed } = process.memoryUsage();
    /** @type {import('./probed.ts').ProbeLook} */
    const found = {
      cpuSeconds: (user + system) / 1e6,
      // Each tick of the monitor comes after its resolution, and later by the time for which the loop was blocked.
      longestBlockMs: Math.max(0, delay.max / 1e6 - resolutionMs),
      residentMb: rss / bytesPerMb,
      // In kilobytes on every system: https://nodejs.org/api/process.html#processresourceusage
      peakMb: process.resourceUsage().maxRSS / 1024,
      heapMb: heapUsed / bytesPerMb,
    };
    cpu = process.cpuUsage();
    delay.reset();
    const target = `${file}.${++looks}`;
    writeFileSync(`${target}.new`, JSON.stringify(found));
    renameSync(`${target}.new`, target);
  };
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    /** @type {import('./probed.ts').ProbeEnd} */
    const all = { cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024 };
    writeFileSync(`${file}.end`, JSON.stringify(all));
  });
  // Let the monitor have its tick first, so that the present block of the loop is counted.
  process.on('SIGUSR2', () => setTimeout(look, 2 * resolutionMs));
}
