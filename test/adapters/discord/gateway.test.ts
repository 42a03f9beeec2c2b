import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/secrets/secret.ts';
import { commandTable } from '../../support/command-table.ts';
import { fakeDiscordToken } from '../../support/discord/double.ts';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

/** The answer to a handshake (https://www.rfc-editor.org/rfc/rfc6455#section-1.3). */
function accept(request: string): string {
  const key = /^Sec-WebSocket-Key: (.*)\r$/im.exec(request)?.[1] ?? '';
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  return [...lines, `Sec-WebSocket-Accept: ${proof}`, '', ''].join('\r\n');
}

describe('the gateway', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  const said = (part: string) => rig.said.filter((line) => line.includes(part)).length;

  async function start(): Promise<void> {
    rig = await startRig({ shownToAll: true, people: { table: commandTable() } });
    rig.discord.gateway.heartbeatMs = 300;
  }
  async function ready(): Promise<void> {
    await start();
    await rig.adapter.login(unhurried);
    await until(() => rig.discord.commands().length > 0);
  }
  /** Lets time pass until something is true that sockets decide. */
  async function later(stepMs: number, condition: () => boolean): Promise<void> {
    for (let step = 0; step < 400 && !condition(); step++) {
      await rig.clock.advance(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
      if (step % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(condition);
  }

  it('is connected to after the login, without any intent, and kept alive', async () => {
    await ready();
    const { gateway } = rig.discord;
    await until(() => gateway.heartbeats >= 3);
    expect(gateway).toMatchObject({ connections: 1, identified: 1, resumed: 0 });
  });

  it('is gone on with where it was cut, and what happened meanwhile is heard', async () => {
    await ready();
    const { gateway } = rig.discord;
    gateway.drop();
    await until(() => gateway.connections === 0);
    const seeing = rig.discord.act(rig.discord.createChannel(), { id: '42' }, { slash: 'status' });
    await later(100, () => gateway.resumed === 1);
    expect((await seeing.answer).content).toContain('Too many commands');
    expect(gateway.identified).toBe(1);
  });

  it.each([
    ['that is frozen', () => (rig.discord.gateway.acknowledges = false)],
    ['that asks to', () => rig.discord.gateway.say({ op: 7, d: null })],
    ['that closes with an error', () => rig.discord.gateway.drop(4000)],
  ])('is left and gone on with by a server %s', async (_, happen) => {
    await ready();
    happen();
    await until(() => said('gateway closed') > 0);
    rig.discord.gateway.acknowledges = true;
    await later(100, () => rig.discord.gateway.resumed >= 1);
    expect(rig.discord.gateway.identified).toBe(1);
  });

  it('begins anew where the session is not known any more', async () => {
    await ready();
    rig.discord.gateway.forget();
    rig.discord.gateway.drop();
    await later(500, () => rig.discord.gateway.identified === 2);
    expect(rig.discord.gateway.connections).toBe(1);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', []],
    ['a hello without an interval', { op: 10, d: null }],
    ['an interval that would flood it', { op: 10, d: { heartbeat_interval: 0 } }],
    ['an interval that no timer takes', { op: 10, d: { heartbeat_interval: 1e12 } }],
    ['a dispatch without a number', { op: 0, t: 'INTERACTION_CREATE', d: {} }],
    ['a READY without a session', { op: 0, t: 'READY', s: 9, d: null }],
    ['an invalid session without a word whether', { op: 9 }],
    ['more than 8 MB at once', { op: 0, t: 'GUILD_CREATE', s: 9, d: { name: 'x'.repeat(8 * 1024 * 1024) } }],
  ])('is left, and nothing ends, when it says %s', async (_, frame) => {
    await ready();
    rig.discord.gateway.say(frame);
    await until(() => said('not in its protocol') === 1);
    await later(100, () => rig.discord.gateway.resumed + rig.discord.gateway.identified === 2);
  });

  it('is asked less and less often while nothing comes of it', async () => {
    await start();
    const stop = rig.discord.always(/^GET \/gateway\/bot$/, { status: 500 });
    await rig.adapter.login(unhurried);
    const asked = () => rig.asked(/^GET \/gateway\/bot$/).length;
    await until(() => asked() === 1);
    await later(1_000, () => asked() >= 5);
    const { length } = rig.asked(/./);
    await rig.clock.advance(10_000);
    expect(rig.asked(/./).length).toBe(length);
    stop();
    await later(5_000, () => rig.discord.gateway.identified === 1);
  });

  it('begins no session where the day has few left', async () => {
    await start();
    rig.discord.gateway.remaining = 3;
    await rig.adapter.login(unhurried);
    await until(() => said('allows 3 more sessions') === 1);
    await rig.clock.advance(3_600_000);
    expect(rig.discord.gateway.identified).toBe(0);
  });

  it('leaves no socket and no timer behind, wherever it is stopped', async () => {
    await ready();
    await rig.adapter.stop();
    await until(() => rig.discord.gateway.connections === 0);
    expect(rig.clock.pending).toBe(0);
  });

  it.each([
    ['never answers the handshake', () => ''],
    ['answers it and is frozen then', accept],
  ])('leaves no socket behind when it is stopped while the server %s', async (_, answer) => {
    await start();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (request) => socket.write(answer(String(request)), () => server.emit('answered')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connected = once(server, 'connection');
    const answered = once(server, 'answered');
    const { port } = server.address() as AddressInfo;
    rig.discord.next(/^GET \/gateway\/bot$/, { status: 200, body: { url: `ws://127.0.0.1:${port}` } });
    await rig.adapter.login(unhurried);
    const [socket] = (await connected) as [Socket];
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await answered;
    await new Promise((resolve) => setImmediate(resolve));
    await rig.adapter.stop();
    await closed;
    expect(rig.clock.pending).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('goes on with the token that its file has by now', async () => {
    let content = fakeDiscordToken;
    const token = new Secret(fakeDiscordToken, 'the test', { name: 'bot.token', read: () => content });
    rig = await startRig({ shownToAll: true, people: { table: commandTable() }, token });
    await rig.adapter.login(unhurried);
    await until(() => rig.discord.commands().length > 0);
    const other = `${fakeDiscordToken.split('.')[0]}.other.token`;
    content = other;
    rig.discord.gateway.drop(4004);
    await until(() => said('refused the token (4004), there is another one by now') === 1);
    expect(token.reveal()).toBe(other);
    content = fakeDiscordToken;
    await later(1_000, () => rig.discord.gateway.identified === 2);
  });

  it('is connected to at the next login if Discord did not say where it is before', async () => {
    await start();
    rig.discord.next(/^GET \/gateway\/bot$/, { status: 401, body: { message: '401: Unauthorized', code: 0 } });
    const refused = rig.discord.arrival(/^GET \/gateway\/bot$/);
    await rig.adapter.login(unhurried);
    await refused;
    await until(() => said('does not say where its gateway is') === 1);
    await rig.adapter.login(unhurried);
    await until(() => rig.discord.gateway.identified === 1);
  });

  it('says nothing of the token', async () => {
    await ready();
    rig.discord.gateway.drop(4004);
    await until(() => said('refused the token (4004): get a new one, put it in place of the one from the test') === 1);
    expect(rig.said.join('\n')).not.toContain(rig.discord.bot.token);
  });
});
