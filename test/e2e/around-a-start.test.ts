import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../support/child.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { type JobShell, startJobShell } from './support/job-shell.ts';

/**
 * People start Lookout and leave it in many ways: in the background, with `nohup`, without input, by closing the
 * window, by ending npm.
 */
const checkout = fileURLToPath(new URL('../..', import.meta.url));
/** The demo shows a post with each of its stories. */
const message = 'https://metasmoke.erwaysoftware.com/post/';
let folder: string;
let config: string;
let log: string;
let shell: JobShell | undefined;
let children: Child[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-start-'));
  config = join(folder, 'config.yaml');
  log = join(folder, 'log');
  children = [];
  writeFileSync(
    config,
    'source: { url: demo }\nstore: sqlite:lookout.db\nrooms: { here: "console:here" }\nsubscriptions: [{ events: posts, rooms: here }]\n',
  );
});
afterEach(async () => {
  await shell?.close();
  shell = undefined;
  for (const child of children) await child.end('SIGKILL');
  for (const pid of lookouts()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Returns the processes that run with the configuration of the test: Lookout and its launcher. */
function lookouts(): number[] {
  const lines = String(execFileSync('ps', ['-eo', 'pid=,args='])).split('\n');
  // npm's own title contains the whole command, and `script` that of the shell.
  const ours = lines.filter(
    (line) => line.includes(config) && /lookout(\.js)? run /.test(line) && !/npm|sh -c/.test(line),
  );
  return ours.map((line) => Number.parseInt(line, 10));
}
const ended = () => until(() => lookouts().length === 0, { there: () => `the end of ${lookouts()}` });
/** SQLite removes this file when the database is closed in order. */
const isClosedInOrder = () => !existsSync(join(folder, 'lookout.db-wal'));
const messagesIn = (text: string) => text.split(message).length - 1;
const logged = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');

function openShell(): JobShell {
  shell = startJobShell({ cwd: checkout, env: process.env });
  return shell;
}
function start(command: string, args: readonly string[]): Child {
  const child = startChild(command, args, { cwd: checkout });
  children.push(child);
  return child;
}
const showsMessage = (child: Child) => child.waitForOutput((line) => line.includes(message), 'a message');

describe('npm start beside a shell', () => {
  it('continues in the background, leaves the terminal to the shell, and accepts commands in the foreground', async () => {
    const person = openShell();
    person.type(`npm start -- -c ${config} &`);
    await person.untilShown(message);
    person.type('echo typed $((40 + 2)); jobs');
    await person.untilShown('typed 42');
    await person.untilShown('Running');
    await person.untilShown(message);
    person.type('fg');
    await person.untilShown('npm start -- -c');
    person.type('/status');
    await person.untilShown('Source: demo, subscribed');

    person.control('Z');
    await person.untilShown('Stopped');
    person.type('bg');
    await person.untilShown('&');
    await person.untilShown(message);
    person.type('echo typed $((40 + 3)); jobs');
    await person.untilShown('typed 43');
    await person.untilShown('Running');
    await person.untilShown(message);
    person.type('fg');
    await person.untilShown('npm start -- -c');
    person.type('/status');
    await person.untilShown('Source: demo, subscribed');
    person.control('C');
    // The shell's prompt.
    await person.untilShown('bash-');
    person.type('echo code $?');
    await person.untilShown('code 0');
    await ended();
    expect(isClosedInOrder()).toBe(true);
  });

  it('continues with nohup when the window is closed, without a message about its input', async () => {
    const person = openShell();
    person.type(`nohup npm start -- -c ${config} >${log} 2>&1 &`);
    await until(() => messagesIn(logged()) > 0, { patienceMs: PATIENCE_MS, there: logged });
    await person.close();
    const before = messagesIn(logged());
    await until(() => messagesIn(logged()) > before + 1, { patienceMs: PATIENCE_MS, there: logged });
    expect(logged()).not.toMatch(/EBADF|^ {4}at /m);
    for (const pid of lookouts()) process.kill(pid, 'SIGTERM');
    await ended();
    expect(isClosedInOrder()).toBe(true);
  });

  it.each([
    ['in the foreground', (command: string) => command],
    ['in the background', (command: string) => `${command} &`],
    ['with its output elsewhere', (command: string) => `${command} >${log} 2>&1`],
  ])('ends in order when the window is closed, %s', async (_where, typed) => {
    const person = openShell();
    person.type(typed(`npm start -- -c ${config}`));
    await until(() => messagesIn(logged() + person.screen) > 0, {
      patienceMs: PATIENCE_MS,
      there: () => person.screen,
    });
    await person.close();
    await ended();
    expect(isClosedInOrder()).toBe(true);
    expect(logged()).not.toMatch(/Assertion failed|^ {4}at /m);
  });
});

describe('npm start without input', () => {
  it.each(['<&-', '</dev/null', '<.', '>&- <&-'])('runs: %s', async (redirection) => {
    const child = start('sh', ['-c', `exec npm start -- -c ${config} ${redirection}`]);
    if (redirection.startsWith('<')) await showsMessage(child);
    else await until(() => existsSync(join(folder, 'lookout.db-wal')), { patienceMs: PATIENCE_MS });
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(child.lines.join('\n')).not.toMatch(/^ {4}at /m);
  });
});

describe('the end of npm', () => {
  it.each([
    ['npx', ['lookout', 'run', '-c']],
    ['npm', ['exec', '--', 'lookout', 'run', '-c']],
    ['npm', ['start', '--', '-c']],
  ] as const)('ends Lookout, too, by SIGTERM and by SIGKILL: %s %j', async (command, args) => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const child = start(command, [...args, config]);
      await showsMessage(child);
      // Resolves when all processes with its output have ended.
      await child.end(signal);
      await ended();
      expect(isClosedInOrder()).toBe(true);
    }
  });
});

describe('npm start -c without --', () => {
  it('says what to type', async () => {
    const child = start('npm', ['start', '-c', config]);
    expect((await child.exited).code).toBe(2);
    expect(child.lines.join('\n')).toContain(`npm start -- -c ${config}`);
  });
});
