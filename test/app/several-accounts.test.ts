import { expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import type { Platform } from '../../src/adapters/platform.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Secret } from '../../src/secrets/secret.ts';
import { createScriptedAdapter, type ScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { configure } from './configure.ts';

/** A Matrix whose accounts are known by their tokens, each with a scripted adapter that outlives the program. */
function createMatrix() {
  const byToken = new Map<string, ScriptedAdapter>();
  /** Stops of adapters, by token. */
  const stopped: string[] = [];
  const of = (token: string): ScriptedAdapter => {
    const known = byToken.get(token) ?? createScriptedAdapter();
    if (!byToken.has(token)) known.account = { id: `@${token}:a.org`, device: token };
    byToken.set(token, known);
    return known;
  };
  const platform: Platform = {
    ...matrix,
    async createAdapter(settings) {
      const token = (settings as { readonly token: Secret }).token.reveal();
      return Object.assign(Object.create(null), of(token), {
        login: (signal: AbortSignal) => of(token).login(signal),
        resolve: (address: string, signal: AbortSignal) => of(token).resolve(address, signal),
        send: (...request: Parameters<ScriptedAdapter['send']>) => of(token).send(...request),
        find: (...request: Parameters<ScriptedAdapter['find']>) => of(token).find(...request),
        stop: async () => void stopped.push(token),
      }) as ScriptedAdapter;
    },
  };
  return { platform, of, stopped };
}

const account = (token: string, name: string | null = null) =>
  `{ ${name === null ? '' : `name: ${name}, `}homeserver: "https://a.org", token: ${token} }`;

interface Parts {
  readonly accounts: readonly string[];
  /** YAML in braces. */
  readonly rooms: string;
  readonly to: string;
  readonly more?: string;
}

const whole =
  ({ accounts, rooms, to, more = '' }: Parts) =>
  (url: string) =>
    [
      `source: { url: "${url}", key: secret-key }`,
      'store: sqlite:lookout.db',
      `chats: { matrix: [${accounts.join(', ')}] }`,
      `rooms: ${rooms}`,
      more,
      `subscriptions: [{ events: posts#create, rooms: ${to}, template: mark }]`,
    ].join('\n');

const both: Parts = {
  accounts: [account('one'), account('two', 'eu')],
  rooms: '{ hq: "matrix:!hq:a.org", spam: { to: "matrix:!spam:a.org", account: eu } }',
  to: '[hq, spam]',
};

async function start(parts: Parts = both) {
  const server = createMatrix();
  const app = await createTestApp({
    config: '',
    whole: whole(parts),
    store: 'file',
    files: { 'my-templates/mark.hbs': 'post {{object.id}}\n' },
    platforms: [server.platform],
    reloads: true,
  });
  return { app, server };
}

const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: 'T', link: '//a.stackexchange.com/q/1', updated_at: '2026-11-24T10:00:00.000Z' },
});

let keys = 0;
/** A line that a person writes in a room; every bot there gets the same event. */
const line = (room: string, text: string): Invocation => ({
  key: `matrix:$${keys++}`,
  ...{ platform: 'matrix', room, direct: false, about: null, answered: 'free' },
  asker: { id: '@ann:a.org', roles: [], manages: true, power: 100 },
  said: { kind: 'line', text },
});

const roomsByAccount = ({ parts }: TestApp) =>
  Object.fromEntries(parts.delivery.outbox.workers.map(({ gate }) => [gate.room.name, gate.room.account]));

it('each account sends into its own rooms', async () => {
  const { app, server } = await start();
  await app.hear(post(1));
  await app.listenUntil(() => server.of('two').shown('!spam:a.org').length === 1);
  expect(server.of('one').shown('!hq:a.org')).toEqual(['post 1']);
  expect([server.of('one').shown('!spam:a.org'), server.of('two').shown('!hq:a.org')]).toEqual([[], []]);
  expect(app.lines.filter((one) => one.includes('logged in on matrix')).map((one) => JSON.parse(one).account)).toEqual([
    'matrix',
    'matrix/eu',
  ]);
});

it('one account is refused, and the other one goes on', async () => {
  const { app, server } = await start();
  const refused: SendResult = { outcome: 'accountBroken', reason: '401' };
  server.of('two').answerTo = () => refused;
  server.of('two').loginResults.push({ outcome: 'accountBroken', reason: '401' });
  await app.hear(post(1));
  await app.listenUntil(() => app.said.some((one) => one.includes('matrix/eu takes nothing from us (401)')));
  await app.hear(post(2));
  await app.listenUntil(() => server.of('one').shown('!hq:a.org').length === 2);
  const states = app.parts.delivery.outbox.accounts.map(({ id, state }) => [id, state.state]);
  expect(states).toEqual([
    ['matrix', 'ready'],
    ['matrix/eu', 'broken'],
    ['console', 'ready'],
  ]);
  expect(server.of('two').shown('!spam:a.org')).toEqual([]);
});

it('two tokens of one user: the account that logs in last is refused', async () => {
  const server = createMatrix();
  server.of('two').account = { id: '@one:a.org', device: 'OTHER' };
  const app = await createTestApp({
    ...{ config: '', whole: whole(both), store: 'file', files: { 'my-templates/mark.hbs': 'x' } },
    platforms: [server.platform],
  });
  await app.listenUntil(() =>
    app.said.some((one) =>
      /takes nothing from us \(@one:a\.org is logged in as the account matrix(\/eu)? already/.test(one),
    ),
  );
  const states = app.parts.delivery.outbox.accounts.map(({ state }) => state.state).sort();
  expect(states).toEqual(['broken', 'ready', 'ready']);
});

it('a command is answered by the account that owns the room, also if several are in it', async () => {
  const { app, server } = await start();
  const [one, two] = [server.of('one').listener, server.of('two').listener];
  const inHq = line('!hq:a.org', 'mute for 1h');
  expect(await two?.run(inHq)).toBeNull();
  expect((await one?.run(inHq))?.isRefused).toBeUndefined();
  // The same event comes again to both.
  expect(await two?.run(inHq)).toBeNull();
  expect(await one?.run(inHq)).not.toBeNull();
  const inSpam = line('!spam:a.org', 'status');
  expect(await one?.run(inSpam)).toBeNull();
  expect(await two?.run(inSpam)).not.toBeNull();
  expect([one?.rooms, two?.rooms]).toEqual([['!hq:a.org'], ['!spam:a.org']]);
  expect(app.parts.delivery.mutes.holding(1)).toHaveLength(1);
});

it('an account reads nothing of what another one writes', async () => {
  const { server } = await start();
  const [one, two] = [server.of('one').listener, server.of('two').listener];
  const ignored = [one?.ignores('@two:a.org'), two?.ignores('@one:a.org'), one?.ignores('@ann:a.org')];
  expect(ignored).toEqual([true, true, false]);
});

it('in a room of no account one of them answers; a room that a command makes belongs to it, over a restart too', async () => {
  const { app, server } = await start({ ...both, more: 'commands: { rooms: any, users: ["@ann:a.org"] }' });
  const said = line('!new:a.org', 'help');
  const answers = [await server.of('two').listener?.run(said), await server.of('one').listener?.run(said)];
  expect(answers.map((answer) => answer === null)).toEqual([false, true]);
  const subscribe = line('!new:a.org', 'subscribe posts#create --template mark');
  expect(await server.of('two').listener?.run(subscribe)).not.toBeNull();
  expect(await server.of('one').listener?.run(subscribe)).toBeNull();
  await app.hear(post(1));
  await app.listenUntil(() => server.of('two').shown('!new:a.org').length === 1);
  await app.restart();
  expect(roomsByAccount(app)).toMatchObject({ 'matrix:!new:a.org': 'matrix/eu' });
  await app.hear(post(2));
  await app.listenUntil(() => server.of('two').shown('!new:a.org').length === 2);
  expect(server.of('one').shown('!new:a.org')).toEqual([]);
});

it('a room gets another account: what waits goes out through it, and what may be there is looked for', async () => {
  const { app, server } = await start();
  server.of('one').answerTo = ({ room }) =>
    room === '!hq:a.org' ? { outcome: 'unknown', waitMs: 60_000, reason: 'time-out' } : null;
  await app.hear(post(1));
  await app.listenUntil(() => server.of('one').requests.length === 1);
  const sent = server.of('one').requests.at(0);
  server.of('two').finds.push({ outcome: 'found', platformId: '$there' });
  const rooms = '{ hq: { to: "matrix:!hq:a.org", account: eu }, spam: { to: "matrix:!spam:a.org", account: eu } }';
  const reloaded = await configure(app, { whole: whole({ ...both, rooms }) });
  expect(reloaded).toMatchObject({
    outcome: 'applied',
    changes: ['rooms.hq: another account, now matrix/eu, before matrix'],
  });
  await app.hear(post(2));
  await app.listenUntil(() => server.of('two').lookups.length === 1, 1_000);
  await app.listen(1_000);
  expect(server.of('two').shown('!hq:a.org')).toEqual(['post 2']);
  expect(server.of('two').lookups).toMatchObject([{ key: sent?.key, author: '@one:a.org' }]);
  expect(server.of('one').requests).toHaveLength(1);
});

it('an account is added, renamed and removed, and only that account is touched', async () => {
  const { app, server } = await start();
  const logins = () => server.of('one').logins;
  const before = logins();
  const added = { ...both, accounts: [...both.accounts, account('three', 'us')] };
  expect(await configure(app, { whole: whole(added) })).toMatchObject({
    changes: ['chats.matrix/us: is new; logging in on matrix/us again'],
  });
  await app.listenUntil(() => server.of('three').logins === 1);
  const renamed = {
    ...both,
    accounts: [account('one'), account('two', 'europe')],
    rooms: both.rooms.replace('account: eu', 'account: europe'),
  };
  const { changes } = (await configure(app, { whole: whole(renamed) })) as { changes: readonly string[] };
  expect(changes.map((one) => one.split(';')[0])).toEqual([
    'chats.matrix/eu: is gone',
    'chats.matrix/us: is gone',
    'chats.matrix/europe: is new',
    'rooms.spam: another account, now matrix/europe, before matrix/eu',
  ]);
  await app.hear(post(1));
  await app.listenUntil(() => server.of('two').shown('!spam:a.org').length === 1);
  expect(app.parts.delivery.outbox.accounts.map(({ id }) => id).sort()).toEqual(['console', 'matrix', 'matrix/europe']);
  expect(app.said.filter((one) => one.includes('takes nothing from us'))).toEqual([]);
  expect(logins()).toBe(before);
  expect(server.stopped.includes('one')).toBe(false);
});

it('a room of a command whose account is gone waits until it is back', async () => {
  const { app, server } = await start({ ...both, more: 'commands: { rooms: any, users: ["@ann:a.org"] }' });
  await server.of('two').listener?.run(line('!new:a.org', 'subscribe posts#create --template mark'));
  const parts = { ...both, more: 'commands: { rooms: any }' };
  const without = { ...parts, accounts: [account('one')], rooms: '{ hq: "matrix:!hq:a.org" }', to: '[hq]' };
  await configure(app, { whole: whole(without) });
  expect(roomsByAccount(app)).toEqual({ hq: 'matrix' });
  await configure(app, { whole: whole(parts) });
  expect(roomsByAccount(app)).toMatchObject({ hq: 'matrix', 'matrix:!new:a.org': 'matrix/eu' });
});

it('two addresses of one room with two accounts: one of them speaks there', async () => {
  const rooms = '{ hq: "matrix:#hq:a.org", spam: { to: "matrix:!spam:a.org", account: eu } }';
  const server = createMatrix();
  server.of('one').resolves.push({ outcome: 'resolved', address: '!spam:a.org' });
  const app = await createTestApp({
    ...{
      config: '',
      whole: whole({ ...both, rooms }),
      store: 'file',
      files: { 'my-templates/mark.hbs': 'post {{object.id}}' },
    },
    platforms: [server.platform],
  });
  const isSame = (one: string) => /room (hq|spam) is the same as another room of the configuration/.test(one);
  await app.listenUntil(() => app.said.some(isSame));
  await app.hear(post(1));
  await app.listen(1_000);
  const shown = () => ['one', 'two'].flatMap((token) => server.of(token).shown('!spam:a.org'));
  expect(shown()).toEqual(['post 1']);
});
