import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../support/child.ts';

/** The promised time for a newcomer's machine, ms; only five times as long is a failure. */
const firstMessageWithinMs = 3_000;
const endsWithinMs = 2_000;
const tolerance = 5;

const checkout = fileURLToPath(new URL('../..', import.meta.url));
let home: string;
let copy: string;

/** A newcomer's first minute: a clean checkout, `npm start`, a look, Ctrl-C. */
describe('npm start in a clean checkout', () => {
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'lookout-newcomer-'));
    copy = join(home, 'lookout');
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: checkout,
    });
    for (const file of String(files)
      .split('\0')
      .filter((name) => name !== '' && existsSync(join(checkout, name)))) {
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await cp(join(checkout, file), join(copy, file));
    }
    await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'));
    await mkdir(join(home, 'tmp'));
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  for (const time of ['first', 'second']) {
    it(`shows a message soon, exits with 0 on Ctrl-C and leaves nothing behind, the ${time} time too`, async () => {
      const before = await listing();
      const started = performance.now();
      const child = startNpm();
      try {
        await child.waitForOutput(isMessage, 'first message', firstMessageWithinMs * tolerance);
        note(`start to first message (${time} time)`, performance.now() - started, firstMessageWithinMs);

        const interrupted = performance.now();
        const exit = await Promise.race([child.end('SIGINT'), tooLong()]);
        note(
          `Ctrl-C to exit ${exit.code ?? exit.signal} (${time} time)`,
          performance.now() - interrupted,
          endsWithinMs,
        );
        expect(exit, child.lines.slice(-20).join('\n')).toEqual({ code: 0, signal: null });
      } finally {
        await child.end('SIGKILL');
      }
      expect(await processesIn(copy)).toEqual([]);
      expect(await listing()).toEqual(before);
      expect(await readdir(join(home, 'tmp'))).toEqual([]);
    });
  }
});

/** Starts it as a terminal does: in its own process group, which receives Ctrl-C. */
function startNpm(): Child {
  const env = {
    ...process.env,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    // npm's own logs and caches do not count.
    NODE_DISABLE_COMPILE_CACHE: '1',
    npm_config_cache: join(home, 'npm-cache'),
    npm_config_update_notifier: 'false',
  };
  return startChild('npm', ['start'], { cwd: copy, env, ownGroup: true });
}

/** Returns true for a message. `run` writes only messages to standard output; npm writes its command after a `>`. */
function isMessage(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('>');
}

async function tooLong(): Promise<never> {
  await pause(endsWithinMs * tolerance, undefined, { ref: false });
  throw new Error(`still running ${endsWithinMs * tolerance} ms after Ctrl-C`);
}

function note(what: string, tookMs: number, statedMs: number): void {
  const line = `npm start: ${what}: ${(tookMs / 1000).toFixed(2)} s (stated: ${(statedMs / 1000).toFixed(1)} s)`;
  console.log(line);
  if (process.env.LOOKOUT_FIGURES !== undefined) appendFileSync(process.env.LOOKOUT_FIGURES, `${line}\n`);
}

/** Returns every file of the checkout with its size and time of change. */
async function listing(): Promise<string[]> {
  const names = await readdir(copy, { recursive: true });
  const lines = names.map(async (name) => {
    const { size, mtimeMs } = await lstat(join(copy, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(lines)).sort();
}

/**
 * Returns the processes whose working directory is `directory`. Only Linux knows; elsewhere the exit of the whole group
 * must do.
 */
async function processesIn(directory: string): Promise<string[]> {
  if (!existsSync('/proc/self/cwd')) return [];
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const here = ids.map(async (id) => ((await readlink(`/proc/${id}/cwd`).catch(() => '')) === directory ? [id] : []));
  return (await Promise.all(here)).flat();
}
