import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { extensions } from '../../../src/command-line/extensions.ts';
import { type InitOptions, initCommand } from '../../../src/command-line/init/init-command.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { type LoginServer, startLoginServer } from '../../adapters/matrix/sign-in/login-server.ts';
import { answering } from '../../support/scripted-questions.ts';

let folder: string;
let server: LoginServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-init-'));
  server = await startLoginServer();
  server.on('GET /_matrix/client/v3/login', () => [200, { flows: [{ type: 'm.login.password' }] }]);
  server.on('POST /_matrix/client/v3/login', () => [200, { access_token: 'syt_good' }]);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function init(lines: readonly string[], options: Partial<InitOptions> = {}) {
  let [out, err] = ['', ''];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    outColor: false,
    outColumns: 80,
  };
  const config = join(folder, 'config.yaml');
  const openQuestions = () => answering(...lines);
  const code = await initCommand(
    { config, events: 'reports', ...options },
    { environment: {}, openQuestions, terminal, version: 'test', write: async (text) => terminal.out(text) },
  );
  return { code, out, err };
}

const written = () => readFileSync(join(folder, 'config.yaml'), 'utf8');
const mode = (file: string) => statSync(join(folder, file)).mode & 0o777;

it('writes a configuration that passes the check from the answers, and secrets into files that their owner alone can read', async () => {
  const account = [server.url, 'lookout', 'the password'];
  const room = ['#smoke:example.org', 'hq', 'reports, votes', 'no'];
  const { code, err } = await init(['the-key', 'matrix', ...account, ...room]);
  expect([code, mode('config.yaml'), mode('metasmoke-key'), mode('matrix-token')]).toEqual([0, 0o600, 0o600, 0o600]);
  const { config, problems } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
  expect(problems).toEqual([]);
  expect(config?.source.key?.reveal()).toBe('the-key');
  expect(config?.rooms.map(({ name, address }) => [name, address])).toEqual([['hq', 'matrix:#smoke:example.org']]);
  expect(config?.subscriptions.map(({ options }) => JSON.parse(options.text).card === true)).toEqual([true, false]);
  expect(`${written()}${err}`).not.toMatch(/the password|the-key|syt_good/);
});

it('begins with made-up events on the terminal if every answer is the default', async () => {
  expect((await init(['', ''])).code).toBe(0);
  expect(written()).toContain('url: demo');
  expect(written()).toContain('smoke: console:smoke');
  expect(written()).toMatch(/^# yaml-language-server: \$schema=.*config\.schema\.json\n/);
});

it('takes the answers from options', async () => {
  writeFileSync(join(folder, 'key'), 'k\n', { mode: 0o600 });
  const rooms = ['a=console:a', 'b=console:b'];
  const { code } = await init([], { keyFile: join(folder, 'key'), room: rooms, events: 'posts#create;flag_logs' });
  const { config } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
  expect([code, config?.rooms.length, config?.subscriptions.length]).toEqual([0, 2, 2]);
  expect(written()).toContain('key_file: key\n');
});

it('uses a token that is there, and asks for the rest of its block', async () => {
  writeFileSync(join(folder, 'matrix-token'), 'syt_mine\n', { mode: 0o600 });
  const answers = ['yes', 'https://matrix.example.org', '#smoke:example.org', '', '', 'no'];
  expect((await init(['', 'matrix', ...answers])).code).toBe(0);
  expect(written()).toContain('homeserver: https://matrix.example.org\n    token_file: matrix-token\n');
  expect(server.seen).toEqual([]);
});

it('replaces no configuration without being told to', async () => {
  writeFileSync(join(folder, 'config.yaml'), 'mine\n');
  const { code, err } = await init(['', '']);
  expect([code, written()]).toEqual([1, 'mine\n']);
  expect(err).toContain('config.yaml is there already: move it away, name another file with -c, or give --replace');
  expect((await init(['', ''], { replace: true })).code).toBe(0);
});

it.each<[string, Partial<InitOptions>, readonly string[]]>([
  ['--room: write name=address, such as smoke=discord:', { room: ['console:a'] }, []],
  ['--room: "matrix:#a" has no server: write', { room: ['a=matrix:#a'] }, []],
  ['--chats: "slack" is not one of discord, matrix, none', { chats: 'slack', demo: true }, []],
  ['unknown model "post": did you mean posts?', { room: ['a=console:a'], events: 'post' }, []],
  ['the file does not exist', { keyFile: 'nowhere' }, []],
])('writes nothing, and says "%s"', async (says, options, lines) => {
  const { code, err } = await init(lines, options);
  expect(code).toBe(1);
  expect(err).toContain(says);
  expect(existsSync(join(folder, 'config.yaml'))).toBe(false);
});

it('asks nothing if the configuration cannot be written there', async () => {
  const config = join(folder, 'none/config.yaml');
  const { code, err } = await init(['the-key'], { config });
  expect([code, err]).toEqual([1, `the folder of ${config} is not there: make it: mkdir -p ${join(folder, 'none')}\n`]);
});

it('sends a test message into each room if that is wanted', async () => {
  const room = ['a=console:a', 'b=console:b'];
  const { code, out } = await init([], { demo: true, room, events: 'posts#create', online: true, test: true });
  expect([code, out.match(/▌ .*Test/g)?.length]).toEqual([0, 2]);
  expect(out).toMatch(/^a \(console:a\): accepted after [\s\S]*^b \(console:b\): accepted after /m);
});

it('names the command that sends a test message if none is wanted', async () => {
  const { code, out, err } = await init([], { demo: true, room: ['a=console:a'], events: 'posts', online: true });
  expect([code, out.includes('Test')]).toEqual([0, false]);
  expect(err).toContain('`lookout test a` sends a test message into a room.');
});
