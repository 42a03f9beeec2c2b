import { REST } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTalk, type Talk } from './talk.ts';

let talk: Talk;
let channel: string;
const sending = /^POST \/channels\/\d+\/messages$/;

beforeEach(async () => {
  talk = await startTalk();
  channel = talk.double.createChannel();
});
afterEach(() => talk.double.stop());

const contents = () => talk.double.messages(channel).map(({ content }) => content);

describe('the double of Discord', () => {
  it('serves the client that Lookout uses', async () => {
    const { double } = talk;
    const rest = new REST({ api: double.url, version: '10', retries: 0 }).setToken(double.bot.token);
    expect(await rest.get('/users/@me')).toMatchObject({ id: double.bot.id, bot: true });
    await rest.post(`/channels/${channel}/messages`, { body: { content: 'hello' } });
    expect(contents()).toEqual(['hello']);
    expect(double.misfits).toEqual([]);
    rest.clearHashSweeper();
    rest.clearHandlerSweeper();
  });

  it('accepts only its own token, until that is revoked', async () => {
    const refused = { status: 401, body: { message: '401: Unauthorized', code: 0 } };
    expect(await talk.ask('GET', '/users/@me', undefined, { authorization: 'Bot other' })).toMatchObject(refused);
    expect(await talk.ask('GET', '/users/@me')).toMatchObject({ status: 200 });
    talk.double.revoke();
    expect(await talk.ask('GET', '/users/@me')).toMatchObject(refused);
  });

  it('has only its routes, in versions 9 and 10', async () => {
    const at = (path: string) =>
      fetch(talk.double.url + path, { headers: { authorization: `Bot ${talk.double.bot.token}` } });
    expect((await at('/v9/users/@me')).status).toBe(200);
    expect((await at('/v8/users/@me')).status).toBe(404);
    expect((await at('/users/@me')).status).toBe(404);
    expect((await at('/v10/users/%E0%A4%A')).status).toBe(404);
    expect(await talk.ask('GET', '/applications/1')).toMatchObject({ status: 404, body: { code: 0 } });
  });

  it('records every request and its answer', async () => {
    await talk.post(channel, 'hello');
    const { seen } = talk.double;
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: `/channels/${channel}/messages`,
      body: '{"content":"hello"}',
      status: 200,
    });
  });

  it('answers according to the script, once or until changed', async () => {
    const { double } = talk;
    double.next(sending, { status: 502, body: '<html>Bad Gateway</html>' });
    expect(await talk.post(channel, 'a')).toMatchObject({ status: 502, body: '<html>Bad Gateway</html>' });
    const stop = double.always(sending, { status: 429, headers: { 'retry-after': '7' } });
    expect((await talk.post(channel, 'b')).headers.get('retry-after')).toBe('7');
    expect((await talk.post(channel, 'c')).headers.has('x-ratelimit-limit')).toBe(false);
    stop();
    expect((await talk.post(channel, 'd')).status).toBe(200);
    expect(contents()).toEqual(['d']);
  });

  it('performs a request and reports a failure, if scripted', async () => {
    talk.double.next(sending, { status: 500, done: true });
    expect(await talk.post(channel, 'there')).toMatchObject({ status: 500 });
    talk.double.next(sending, { lost: 'done' });
    await expect(talk.post(channel, 'also there')).rejects.toThrow();
    talk.double.next(sending, { lost: 'before' });
    await expect(talk.post(channel, 'not there')).rejects.toThrow();
    expect(contents()).toEqual(['there', 'also there']);
    expect(talk.double.seen.map(({ status }) => status)).toEqual([500, null, null]);
  });

  it('breaks off in the middle of an answer, if scripted', async () => {
    talk.double.next(sending, { half: true });
    await expect(talk.post(channel, 'a')).rejects.toThrow();
    for (const answer of [{ stalls: true }, { hangs: true }] as const) {
      talk.double.next(sending, answer);
      const arrived = talk.double.arrival(sending);
      const asked = talk.post(channel, 'b').catch((error: Error) => error.message);
      expect((await arrived).body).toContain('"b"');
      expect(await Promise.race([asked, new Promise((r) => setImmediate(r, 'nothing yet'))])).toBe('nothing yet');
    }
    expect(contents()).toEqual([]);
  });

  it('bans an address that continues with forbidden requests', async () => {
    const { double, clock, ask } = await startTalk({ mostInvalid: 3 });
    double.next(/users/, { status: 403 });
    double.next(/users/, { status: 429 });
    double.next(/users/, { status: 429, headers: { 'x-ratelimit-scope': 'shared' } });
    double.next(/users/, { status: 404 });
    for (let count = 0; count < 4; count++) await ask('GET', '/users/@me');
    expect(double.invalidRequests).toBe(2);
    await ask('GET', '/users/@me', undefined, { authorization: 'wrong' });
    expect(await ask('GET', '/users/@me')).toMatchObject({ status: 429, body: expect.stringContaining('1015') });
    await clock.advance(600_000);
    expect(double.invalidRequests).toBe(0);
    expect(await ask('GET', '/users/@me')).toMatchObject({ status: 200 });
    await double.stop();
  });
});
