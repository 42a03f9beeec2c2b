import { describeFound, fuzz } from './run.ts';

const usage = `Usage: npm run fuzz [-- <cases> [<seed>]]

Checks that hostile text stays text on every platform: so many cases (100,000 by default), from a seed (any by default).
Each kind of failure is told with the smallest case that shows it. Ends with 1 if there was one.`;

/** Interval between progress reports, ms: short on a terminal, where they are overwritten. */
const [terminalMs, fileMs] = [500, 60_000];

// Started processes end with this one, even after Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const [cases = 100_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
if (![cases, seed].every((number) => Number.isSafeInteger(number) && number >= 0) || process.argv.length > 4) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const { stderr, stdout } = process;
const started = performance.now();
let told = started;
stderr.write(`${cases} cases from seed ${seed}\n`);
function progress(done: number, failed: number): void {
  const now = performance.now();
  if (now - told < (stderr.isTTY ? terminalMs : fileMs) && done < cases) return;
  told = now;
  const left = Math.round((((now - started) / done) * (cases - done)) / 1000);
  const line = `${done} of ${cases} cases, ${failed} failed, ${left} s left`;
  stderr.write(stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

const { failures } = await fuzz(cases, seed, {
  progress,
  found: (failure) => stdout.write(`${stderr.isTTY ? '\n' : ''}\n${describeFound(failure)}\n`),
});
if (stderr.isTTY) stderr.write('\n');

const counts = [...failures].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${count} × ${kind}\n`);
stdout.write(`\n${cases} cases from seed ${seed}: ${counts.length === 0 ? 'no failure\n' : `\n${counts.join('')}`}`);
process.exitCode = counts.length === 0 ? 0 : 1;
