import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createTestClock, type TestClock } from '../test-clock.ts';
import { type DiscordDouble, startDiscordDouble } from './double.ts';

describe('the gateway of the double', () => {
  let clock: TestClock;
  let discord: DiscordDouble;

  beforeEach(async () => {
    clock = createTestClock();
    discord = await startDiscordDouble({ clock });
  });
  afterEach(() => discord.stop());

  /** Identifies as a shard. Resolves with the event or the invalid session that comes, or with the code of the close. */
  function identify(shard: unknown): Promise<string | number> {
    const socket = new WebSocket(`${discord.url.replace('http', 'ws').replace('/api', '')}/gateway?v=10&encoding=json`);
    return new Promise((resolve) => {
      socket.on('close', resolve);
      socket.on('message', (data) => {
        const { op, t } = JSON.parse(String(data)) as { readonly op: number; readonly t?: string };
        const properties = { os: 'linux', browser: 'lookout', device: 'lookout' };
        const d = { token: discord.bot.token, intents: 0, properties, shard };
        if (op === 10) socket.send(JSON.stringify({ op: 2, d }));
        else resolve(op === 9 ? 'invalid session' : (t ?? op));
      });
    });
  }

  it.each([
    ['not numbers', 'all'],
    ['beyond their number', [2, 2]],
    ['below zero', [-1, 2]],
  ])('refuses a shard that is %s', async (_, shard) => {
    expect(await identify(shard)).toBe(4010);
    expect(discord.gateway.identified).toBe(0);
  });

  it('refuses a bot with fewer shards than it should have', async () => {
    discord.gateway.shards = 3;
    expect(await identify([0, 2])).toBe(4011);
    expect(await identify(undefined)).toBe(4011);
    expect(await identify([0, 3])).toBe('READY');
  });

  it('takes one session in five seconds, of as many shards at once as it says', async () => {
    discord.gateway.concurrency = 2;
    expect(await identify([0, 3])).toBe('READY');
    expect(await identify([1, 3])).toBe('READY');
    await clock.advance(4_999);
    expect(await identify([2, 3])).toBe('invalid session');
    expect(discord.gateway.hurried).toBe(1);
    await clock.advance(1);
    expect(await identify([2, 3])).toBe('READY');
    expect(discord.gateway.present).toEqual([0, 1, 2]);
  });
});
