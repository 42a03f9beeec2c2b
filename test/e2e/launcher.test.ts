import { copyFileSync, existsSync, linkSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../support/child.ts';

/** Runs the launcher as a process under a Node that pretends to be an old one: the Node of the tests, by another name. */
const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));
const tool = fileURLToPath(new URL('../../src/launcher/run-tool.js', import.meta.url));
let folder: string;
let oldNode: string;
let children: Child[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-launcher-'));
  oldNode = join(folder, 'old-node');
  try {
    linkSync(process.execPath, oldNode);
  } catch {
    copyFileSync(process.execPath, oldNode); // another file system
  }
  children = [];
  writeFileSync(
    join(folder, 'config.yaml'),
    'source: { url: demo }\nstore: sqlite:lookout.db\nrooms: { here: "console:here" }\nsubscriptions: [{ events: posts, rooms: here }]\n',
  );
});
afterEach(async () => {
  for (const child of children) await child.end('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Makes the old Node report that it is Node 20, which has no `process.execve`, or Node 22, which has it. */
function pretending(version: '20.20.2' | '22.23.5'): NodeJS.ProcessEnv {
  const pretend = `if (process.execPath === ${JSON.stringify(oldNode)}) {
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    ${version.startsWith('20') ? 'process.execve = undefined;' : ''}
  }`;
  const file = join(folder, 'pretend.mjs');
  writeFileSync(file, pretend);
  return { PATH: process.env.PATH, NODE_OPTIONS: `--import=${file}` };
}

function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = startChild(command, args, { cwd: folder, env });
  children.push(child);
  return child;
}
const isRunning = (child: Child) =>
  child.waitForLine((line) => line.includes('"state":"subscribed"'), 'the subscription');
const hasStopped = (child: Child) => child.lines.some((line) => line.includes('Stopped listening to demo'));

describe('the launcher under a Node that cannot replace itself', () => {
  const lookout = (...args: readonly string[]) => start(oldNode, [program, ...args], pretending('20.20.2'));

  it('passes the output and the exit code on', async () => {
    const good = lookout('check');
    expect(await good.exited).toEqual({ code: 0, signal: null });
    expect(good.lines[0]).toBe('config.yaml is good');
    expect(await lookout('fly').exited).toEqual({ code: 2, signal: null });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on, and ends when the program has ended', async (signal) => {
    const child = lookout('run');
    await isRunning(child);
    expect(await child.end(signal)).toEqual({ code: 0, signal: null });
    expect(hasStopped(child)).toBe(true);
  });

  it('continues after a SIGHUP, because no terminal was closed', async () => {
    const child = lookout('run');
    await isRunning(child);
    process.kill(child.pid, 'SIGHUP');
    const before = child.lines.length;
    await child.waitForOutput(() => child.lines.length > before + 10, 'more events');
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('ends by the signal that ended the program', async () => {
    const killer = join(folder, 'killer.js');
    writeFileSync(killer, "process.kill(process.pid, 'SIGKILL');");
    expect(await start(oldNode, [tool, killer], pretending('20.20.2')).exited).toEqual({
      code: null,
      signal: 'SIGKILL',
    });
  });

  it('ends the program when it is killed', async () => {
    const child = lookout('run');
    await isRunning(child);
    // Resolves when the program has ended, too, because it has the same output.
    expect(await child.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect(hasStopped(child)).toBe(true);
    await isRunning(lookout('run'));
  });

  it('passes its arguments and the options of Node to the program', async () => {
    const shows = join(folder, 'shows.js');
    writeFileSync(shows, 'console.log(JSON.stringify([process.argv.slice(2), process.execPath]));');
    const child = start(oldNode, [tool, shows, '-c', 'a b', '--json'], pretending('20.20.2'));
    await child.exited;
    expect(JSON.parse(child.lines[0] ?? '')).toEqual([['-c', 'a b', '--json'], process.execPath]);
  });
});

describe('the launcher under a Node that can replace itself', () => {
  it('needs no second process', async () => {
    const child = start(oldNode, [program, 'run'], pretending('22.23.5'));
    await isRunning(child);
    if (existsSync('/proc/self/exe')) expect(readlinkSync(`/proc/${child.pid}/exe`)).toBe(process.execPath);
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(hasStopped(child)).toBe(true);
  });
});

describe('lookout run that npm started', () => {
  const underNpm = () => ({ ...pretending('20.20.2'), npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js' });
  // A second command keeps the shell from replacing itself.
  const shell = (node: string) => `"${node}" "${program}" run; true`;

  it.each([
    ['in one process', () => process.execPath],
    ['under a launcher', () => oldNode],
  ])('ends when the shell in between was ended, %s', async (_how, node) => {
    const child = start('sh', ['-c', shell(node())], underNpm());
    await isRunning(child);
    await child.end('SIGTERM');
    expect(child.lines).toContain('npm, which started this process, has ended: stopping, too');
    expect(hasStopped(child)).toBe(true);
  });

  it.runIf(existsSync('/proc/self/stat'))('ends when npm was killed and its shell continues', async () => {
    const npm = start('sh', ['-c', `sh -c '${shell(process.execPath)}'; true`], underNpm());
    await isRunning(npm);
    await npm.end('SIGKILL');
    expect(hasStopped(npm)).toBe(true);
  });
});
