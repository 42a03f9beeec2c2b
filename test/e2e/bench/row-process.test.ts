import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runRow } from '../../bench/row-process.ts';
import { until } from '../../support/until.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lookout-bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (program: string, limitSeconds: number, signal = new AbortController().signal) =>
  runRow({ command: ['--input-type=module', '-e', program], limitSeconds, signal });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended and was not collected by its new parent yet is not running either.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a row in a separate process', () => {
  it('returns the measurements', async () => {
    const program = `console.log(JSON.stringify({ progress: 'half' })); console.log(JSON.stringify({ values: { a: { value: 1, floor: 2 } } }))`;
    expect(await run(program, 20)).toMatchObject({ outcome: 'measured', values: { a: { value: 1, floor: 2 } } });
  });

  it('fails at its limit, reports its progress, and leaves neither processes nor files', async () => {
    const pids = join(folder, 'pids');
    const program = `
      import { spawn } from 'node:child_process';
      import { mkdtempSync, writeFileSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { join } from 'node:path';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      const files = mkdtempSync(join(tmpdir(), 'lookout-bench-'));
      writeFileSync(${JSON.stringify(pids)}, JSON.stringify({ pids: [process.pid, child.pid], files }));
      console.log(JSON.stringify({ progress: '3 of 10 messages' }));
      setInterval(() => {}, 1000);`;
    const result = await run(program, 2);
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: 'did not end within 2 s; it was at: 3 of 10 messages',
    });
    const left = JSON.parse(readFileSync(pids, 'utf8')) as { pids: number[]; files: string };
    // A signal is sent at once, but a busy machine takes a moment to end the process.
    await until(() => !left.pids.some(isRunning));
    expect(existsSync(left.files)).toBe(false);
  });

  it('fails with its output if it ends early', async () => {
    expect(await run(`throw new Error('the homeserver burns')`, 20)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^ended with 1\n[\s\S]*the homeserver burns/),
    });
  });

  it('ends when the whole run is to end', async () => {
    const stopping = new AbortController();
    const running = run('setInterval(() => {}, 1000)', 20, stopping.signal);
    stopping.abort();
    expect(await running).toMatchObject({ outcome: 'failed', reason: 'was stopped' });
  });
});
