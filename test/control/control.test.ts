import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askRunning, type Question } from '../../src/control/ask-running.ts';
import { type ControlServer, isAnswered, startControlServer } from '../../src/control/control-server.ts';
import { logLevelRoutes } from '../../src/control/log-level.ts';
import { done, type Route, refused } from '../../src/control/route.ts';
import { controlFileOf, findSocket, socketPathOf } from '../../src/control/socket-path.ts';
import type { Log, LogLevel } from '../../src/log.ts';
import { Secret } from '../../src/secrets/secret.ts';

let folder: string;
let servers: ControlServer[];
const logged: string[] = [];
const say = (_: object, text: string) => void logged.push(text);
const log: Log = { debug: say, info: say, warn: say, error: say };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-'));
  servers = [];
  logged.length = 0;
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true });
});

const echo: Route = {
  method: 'POST',
  path: '/echo',
  handle: ({ query, body }) => done({ room: query.get('room'), body }),
};
const question: Question = { method: 'POST', path: '/echo', query: { room: 'a&b' }, body: { text: 'ü' } };
const answer = { outcome: 'done', body: { room: 'a&b', body: { text: 'ü' } } };

const inFolder = (name = 'lookout.db') => join(folder, name);

async function serve(storeFile = inFolder(), routes: readonly Route[] = [echo]): Promise<void> {
  const secrets = () => [new Secret('very-secret-token', 'the test')];
  servers.push(await startControlServer({ storeFile, routes, version: '1.2.3', secrets, log }));
}

const ask = (asked: Question = question, file = inFolder()) =>
  askRunning({ file: 'config.yaml', store: { kind: 'sqlite', file, keepMs: 1 } }, asked);

describe('the control socket', () => {
  it('answers with what a route returns for the query and the body', async () => {
    await serve();
    expect(await ask()).toEqual(answer);
  });

  it('belongs to its user alone, and is gone after a stop', async () => {
    await serve();
    expect(statSync(inFolder('lookout.db.sock')).mode & 0o777).toBe(0o600);
    await servers.pop()?.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is answered while its process listens, not once it has ended or was killed', async () => {
    expect(await isAnswered(inFolder())).toBe(false);
    writeFileSync(inFolder('lookout.db.sock'), '');
    expect(await isAnswered(inFolder())).toBe(false);
    await serve();
    expect(await isAnswered(inFolder())).toBe(true);
    await servers.pop()?.stop();
    expect(await isAnswered(inFolder())).toBe(false);
  });

  it('replaces a file that a killed process left', async () => {
    writeFileSync(inFolder('lookout.db.sock'), '');
    await serve();
    expect(await ask()).toEqual(answer);
  });

  it.each([
    ['the folder', 'f'.repeat(200), 'lookout.db'],
    ['the name', 'f', `${'n'.repeat(200)}.db`],
  ])('is beside its store even if %s has more characters than a socket may have', async (_, long, name) => {
    mkdirSync(inFolder(long));
    const file = join(inFolder(long), name);
    await serve(file);
    expect(await ask(question, file)).toEqual(answer);
    expect(readdirSync(inFolder(long))).toEqual([expect.stringMatching(/\.sock$/)]);
    await servers.pop()?.stop();
    expect(readdirSync(inFolder(long))).toEqual([]);
  });

  it('is the same through a link to the store', () => {
    writeFileSync(inFolder('real.db'), '');
    symlinkSync(inFolder('real.db'), inFolder('link.db'));
    expect(socketPathOf(inFolder('link.db'))).toBe(socketPathOf(inFolder('real.db')));
  });

  it('contains no secret in an answer', async () => {
    await serve(inFolder(), [{ ...echo, handle: () => refused('the token very-secret-token is wrong') }]);
    expect(await ask()).toEqual({ outcome: 'refused', error: 'the token [secret] is wrong' });
  });

  it('says its version if it does not know a command', async () => {
    await serve();
    expect(await ask({ method: 'GET', path: '/of-next-year' })).toEqual({
      outcome: 'refused',
      error: 'the running Lookout (version 1.2.3) does not know this command',
    });
  });

  it.each([
    ['is too long', 'the request is too long', `ffff0\r\n${'x'.repeat(0xffff0)}\r\n20\r\n${'x'.repeat(32)}`],
    ['is not JSON', 'the body is not JSON', '1\r\n{\r\n0\r\n\r\n'],
  ])('refuses a body of no stated length that %s', async (_, error, body) => {
    await serve();
    const socket = connect(inFolder('lookout.db.sock'));
    socket.write(`POST /echo HTTP/1.1\r\nHost: lookout\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
    expect(await readText(socket)).toContain(error);
  });

  it('writes an answer to its end before it stops', async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow: Route = {
      ...echo,
      async handle() {
        asked.resolve();
        await gate.promise;
        return done('x'.repeat(5_000_000));
      },
    };
    await serve(inFolder(), [slow]);
    const answered = ask();
    await asked.promise;
    const stopped = servers.pop()?.stop();
    gate.resolve();
    const answer = await answered;
    expect(answer.outcome).toBe('done');
    expect('body' in answer && answer.body === 'x'.repeat(5_000_000)).toBe(true);
    await stopped;
  });

  it('does not wait at a stop for the rest of a request', async () => {
    await serve();
    const socket = connect(inFolder('lookout.db.sock'));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('POST /echo HTTP/1.1\r\nHost: lookout\r\nContent-Length: 9\r\n\r\n{');
    // It is being read when another one behind it is answered.
    await ask();
    await servers.pop()?.stop();
    await closed;
    expect(logged).toEqual([]);
  });

  it('survives a bug in a route, and logs it', async () => {
    const broken: Route = {
      ...echo,
      handle() {
        throw new Error('a bug');
      },
    };
    await serve(inFolder(), [broken]);
    expect(await ask()).toEqual({ outcome: 'refused', error: 'Lookout failed to answer this: see its log' });
    expect(logged).toEqual(['could not answer POST /echo on the control socket']);
  });

  it('says which trouble of the database kept it from answering', async () => {
    const locked: Route = {
      ...echo,
      handle() {
        throw Object.assign(new Error('database is locked'), { errcode: 5 });
      },
    };
    await serve(inFolder(), [locked]);
    expect(await ask()).toEqual({
      outcome: 'refused',
      error: expect.stringMatching(/^Lookout failed to answer this: another program keeps the database locked: end it/),
    });
  });

  it('is not needed to run: if it cannot be made, that is logged', async () => {
    mkdirSync(inFolder('lookout.db.sock'));
    await serve();
    expect(logged).toEqual([
      expect.stringMatching(/^could not make the control socket .*lookout\.db\.sock; Lookout runs/),
    ]);
  });
});

describe('asking the running Lookout', () => {
  it.each([
    ['there is no socket', async () => {}],
    ['a killed process left its socket', leaveSocket],
  ])('says that none runs if %s', async (_, prepare) => {
    await prepare();
    expect(await ask()).toEqual({
      outcome: 'unreachable',
      error: `no Lookout runs on this store: ${inFolder()} (of config.yaml): \`lookout run\` starts it`,
    });
  });

  it('finds one that a service started, which cannot write beside the configuration', () => {
    const run = inFolder('run');
    mkdirSync(run);
    const address = {
      host: 'db',
      port: 5_432,
      user: 'lookout',
      database: 'lookout',
      password: null,
      ssl: false,
    } as const;
    const named = { file: inFolder('etc/config.yaml'), store: { kind: 'postgres', address, keepMs: 1 } } as const;
    // A folder that is not there can be written by no one, as one of root by the service.
    const made = socketPathOf(controlFileOf(named, run));
    expect(made).toMatch(/\/run\/lookout-[0-9a-f]+\.sock$/);
    writeFileSync(made, '');
    mkdirSync(inFolder('etc'));
    expect(findSocket(named, run)).toBe(made);
    rmSync(made);
    expect(findSocket(named, run)).toBe(inFolder('etc/config.yaml.sock'));
  });

  it('says that a store in memory cannot be reached', async () => {
    const asked = await askRunning({ file: 'config.yaml', store: { kind: 'memory', keepMs: 1 } }, question);
    expect(asked).toEqual({
      outcome: 'unreachable',
      error: expect.stringMatching(/^config\.yaml: `store: memory` has no file/),
    });
  });
});

describe('the level of the log', () => {
  it('is shown and changed', async () => {
    let level: LogLevel = 'info';
    const setLevel = (wanted: LogLevel) => {
      level = wanted;
    };
    await serve(inFolder(), logLevelRoutes({ level: () => level, setLevel }));
    const change = (wanted: string) => ask({ method: 'POST', path: '/log-level', body: { level: wanted } });
    expect(await change('debug')).toEqual({ outcome: 'done', body: { level: 'debug', before: 'info' } });
    expect(await ask({ method: 'GET', path: '/log-level' })).toEqual({ outcome: 'done', body: { level: 'debug' } });
    expect(await change('loud')).toEqual({ outcome: 'refused', error: 'the levels are debug, info, warn, error' });
    expect(level).toBe('debug');
  });
});

/** Leaves a socket file at which nobody listens: renamed, it outlives its server. */
async function leaveSocket(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(inFolder('other'), resolve));
  renameSync(inFolder('other'), inFolder('lookout.db.sock'));
  await new Promise((resolve) => server.close(resolve));
}
