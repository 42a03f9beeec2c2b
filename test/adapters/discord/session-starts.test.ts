import { expect, it } from 'vitest';
import type { DiscordClient } from '../../../src/adapters/discord/client.ts';
import { GatewayMemory } from '../../../src/adapters/discord/gateway-memory.ts';
import { SessionStarts } from '../../../src/adapters/discord/session-starts.ts';
import { silentLog } from '../../../src/log.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { keptPosition } from './rig.ts';

it('a shard does not wait for the turn of one that failed', async () => {
  let asked = 0;
  const request = async () => {
    if (++asked === 1) throw new Error('a fault of ours');
    const limit = { remaining: 900, reset_after: 1, max_concurrency: 1 };
    return { kind: 'ok', status: 200, body: { url: 'wss://gateway.test', shards: 2, session_start_limit: limit } };
  };
  const clock = createTestClock();
  const log = silentLog;
  const { signal } = new AbortController();
  const starts = new SessionStarts({
    ...{ clock, log, signal, hasOthers: false, concurrency: 1, api: 'http://discord.test' },
    client: { request } as unknown as DiscordClient,
    memory: new GatewayMemory({ position: keptPosition(), user: () => null, log }),
  });
  await expect(starts.begin({ id: 0, count: 2 }, signal)).rejects.toThrow('a fault of ours');
  const start = await starts.begin({ id: 1, count: 2 }, signal);
  expect(start).toMatchObject({ url: 'wss://gateway.test' });
  if (start !== null && 'end' in start) start.end();
});
