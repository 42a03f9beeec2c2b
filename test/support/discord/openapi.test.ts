import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findChecker } from './openapi.ts';
import { operations } from './routes.ts';
import { startTalk, type Talk } from './talk.ts';

const description = findChecker();
const talks: Talk[] = [];

async function start(): Promise<Talk> {
  const talk = await startTalk();
  talks.push(talk);
  return talk;
}

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const talk of talks.splice(0)) await talk.double.stop();
});

const kinds = ['text', 'announcement', 'thread', 'forum', 'category', 'dm', 'voice'] as const;

describe.skipIf(description === null)("Discord's own description of its API", () => {
  it('matches every answer of the double, good or bad', async () => {
    const { double, ask, post } = await start();
    await ask('GET', '/users/@me');
    await ask('GET', '/gateway/bot');
    for (const kind of kinds) {
      const channel = double.createChannel({ kind });
      const { body } = await ask('GET', `/channels/${channel}`);
      if (body.guild_id) {
        await ask('GET', `/guilds/${body.guild_id}`);
        await ask('GET', `/guilds/${body.guild_id}/roles`);
        await ask('GET', `/guilds/${body.guild_id}/members/${double.bot.id}`);
      }
      const footer = { text: 'f', icon_url: 'https://e.test/i.png' };
      const rich = { title: 't', url: 'https://e.test', color: 1, footer, fields: [{ name: 'n', value: 'v' }] };
      const form = { content: 'hi <@1> <@&2>', embeds: [rich], nonce: 'n', enforce_nonce: true };
      const sent = await post(channel, form);
      await post(channel, form);
      await ask('GET', `/channels/${channel}/messages?limit=100&before=${double.bot.id}`);
      const path = `/channels/${channel}/messages/${sent.body.id ?? '1'}`;
      await ask('GET', path);
      await ask('PATCH', path, { content: 'new', allowed_mentions: { parse: [] } });
      await post(channel, { content: 'reply', message_reference: { message_id: sent.body.id ?? '1' } });
      for (const emoji of ['✅', '👍🏽', 'blob:12345678901234567', 'none'])
        for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE'])
          await ask(method, `${path}/reactions/${encodeURIComponent(emoji)}/@me`);
      await ask('PUT', `${path}/reactions/%E2%9C%85/@me`);
      for (let count = 0; count < 2; count++) await ask('POST', `${path}/threads`, { name: 'Updates' });
      await ask('POST', `${path}/threads`, { name: ' ' });
      await ask('GET', `/channels/${sent.body.id ?? '1'}`);
      for (const archived of [true, false]) await ask('PATCH', `/channels/${sent.body.id ?? '1'}`, { archived });
      await post(sent.body.id ?? '1', form);
      await ask('GET', path);
      await ask('GET', `/channels/${channel}/messages`);
      await ask('DELETE', path);
      await post(channel, form);
      await post(channel, { content: '' });
      await post(channel, { content: 'x'.repeat(3000), embeds: [{ fields: [{ name: ' ', value: ' ' }] }] });
    }
    await ask('GET', '/users/@me/guilds?limit=100');
    const forum = double.createChannel({ kind: 'forum' });
    await ask('POST', `/channels/${forum}/threads`, { name: 'A report', message: { content: 'hi' } });
    await ask('POST', `/channels/${forum}/threads`, { name: ' ', message: { content: 'hi' } });
    await ask('GET', `/guilds/${double.guildOf(forum)}/threads/active`);
    await ask('GET', `/channels/${forum}/threads/archived/public?limit=50`);
    const application = `/applications/${double.bot.id}`;
    const channel = double.createChannel();
    for (const scope of [application, `${application}/guilds/${double.guildOf(channel)}`]) {
      const option = { type: 3, name: 'o', description: 'An option', required: true, autocomplete: true };
      const slash = { type: 1, name: 'say', description: 'Says', options: [option], default_member_permissions: 16 };
      const { body } = await ask('PUT', `${scope}/commands`, [slash, { type: 3, name: 'In a menu' }]);
      await ask('GET', `${scope}/commands`);
      await ask('DELETE', `${scope}/commands/${body[1].id}`);
      await ask('DELETE', `${scope}/commands/${body[1].id}`);
      await ask('PUT', `${scope}/commands`, [{ ...slash, name: 'No Slash' }]);
    }
    const seeing = double.act(channel, { id: '42', may: ['ManageChannels'] }, { slash: 'say', options: { o: 'x' } });
    const callback = `/interactions/${seeing.id}/aW50ZXJhY3Rpb24-${seeing.id}/callback`;
    await ask('POST', callback, { type: 5, data: { flags: 64 } });
    await ask('POST', callback, { type: 4, data: { content: 'again' } });
    await ask('PATCH', `/webhooks/${double.bot.id}/aW50ZXJhY3Rpb24-${seeing.id}/messages/@original`, { content: 'x' });
    double.limits = { perChannel: 1, perMs: 1_000, globalPerSecond: 2 };
    for (let count = 0; count < 3; count++) await ask('GET', '/channels/1');
    await ask('GET', '/users/@me', undefined, { authorization: 'wrong' });
    const asked = new Set(
      double.seen.map(
        ({ method, path }) => `${method} ${path.replace(/aW50ZXJhY3Rpb24-\d+|\d+|(?<=reactions\/)[^/]+/g, '#')}`,
      ),
    );
    expect(asked).toEqual(new Set(operations.map((each) => each.replace(/\{[a-z_]+\}/g, '#'))));
    expect(new Set(double.seen.map(({ status }) => status))).toEqual(new Set([200, 201, 204, 400, 401, 403, 404, 429]));
    expect(double.isValidated).toBe(true);
    expect(double.misfits).toEqual([]);
  });

  it('finds requests that do not match', async () => {
    const { double, ask, post } = await start();
    const channel = double.createChannel();
    await post(channel, { content: 'x', nonce: 'n'.repeat(26) });
    await post(channel, { embeds: [{ url: 'no address' }] });
    await ask('GET', `/channels/${channel}/messages?limit=101`);
    await ask('GET', `/channels/${channel}/messages?newest=1`);
    await ask('POST', `/channels/${channel}/messages`, 'no JSON');
    await ask('GET', '/users/@me', undefined, { 'user-agent': 'node' });
    const said = double.misfits.join('\n');
    for (const place of ['/nonce', '/embeds/0/url', '?limit', '?newest', 'the body is not JSON', 'User-Agent'])
      expect(said).toContain(place);
  });

  it('finds a wrong answer', () => {
    const operation = { route: '/users/@me', ids: [] };
    const wrong = (status: number, body: unknown, headers = {}) =>
      description?.answer(operation, 'GET', { status, body, headers }).join('\n');
    expect(wrong(200, { id: 1 })).toContain('/id: must be string');
    expect(wrong(200, { id: '1' })).toContain("required property 'username'");
    expect(wrong(404, { message: 'no code' })).toContain("required property 'code'");
    expect(wrong(429, { message: 'm', code: 0 })).toContain("required property 'retry_after'");
    expect(wrong(404, { message: 'm', code: 0 }, { 'x-ratelimit-remaining': 'few' })).toContain(
      'X-RateLimit-Remaining',
    );
    expect(wrong(302, {})).toContain('is not described');
    const removed = { route: '/channels/{channel_id}/messages/{message_id}', ids: [] };
    expect(description?.answer(removed, 'DELETE', { status: 204, body: {} })).toHaveLength(1);
  });
});

describe('a description named in the environment', () => {
  it('is used to check requests and answers', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lookout-openapi-'));
    const file = join(directory, 'discord.json');
    const schema = { type: 'object', required: ['what_nobody_sends'] };
    const responses = { 200: { content: { 'application/json': { schema } } } };
    const paths = { '/users/@me': { get: { responses } } };
    await writeFile(file, JSON.stringify({ paths, components: { schemas: {} } }));
    vi.stubEnv('LOOKOUT_DISCORD_OPENAPI', file);
    const { double, ask } = await start();
    expect(double.isValidated).toBe(true);
    await ask('GET', '/users/@me');
    expect(double.misfits).toEqual([expect.stringContaining('what_nobody_sends')]);
    await rm(directory, { recursive: true });
  });
});
