import { describe, expect, it } from 'vitest';
import { expectRecovery, listenTo, nextClient, readable, serverOf, subscribed } from './hearing.ts';

describe('an outage', () => {
  it('is handled with delays of 0.5 s doubling to 4 s, and growing to 15 s after five minutes', async () => {
    const server = await serverOf({ upgrade: 502 });
    const hearing = listenTo(server.url);
    const waits: number[] = [];
    const failures = () => hearing.log.filter((line) => 'retryInMs' in line.fields);
    const startedAt = hearing.clock.wall();
    while (hearing.clock.wall() - startedAt < 10 * 60_000) {
      await hearing.until(() => failures().length > waits.length);
      const wait = Number(failures()[waits.length]?.fields.retryInMs);
      waits.push(wait);
      await hearing.clock.advance(wait);
    }
    expect(waits.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
    expect(waits.slice(-3)).toEqual([15_000, 15_000, 15_000]);
    expect(waits.filter((wait) => wait === 4_000).length).toBe(75);
    expect(hearing.states.length, 'an unchanged outage is one state').toBe(2);
    const reason = 'the server answered HTTP 502 instead of opening a WebSocket (it is down, restarting or overloaded)';
    expect(readable(hearing)).toEqual([
      expect.stringContaining('Connecting to metasmoke'),
      `warn: No connection to metasmoke: ${reason}. Trying again in 0.5 s`,
      `warn: Still no connection to metasmoke after 5 min 4 s: ${reason}. Trying again in 8 s`,
    ]);
  });

  it('does not restart the delays if a server accepts the source and disconnects it at once', async () => {
    const server = await serverOf();
    const hearing = listenTo(server.url);
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const client = await nextClient(server);
      await hearing.untilState('subscribed');
      client.kill();
      await hearing.untilState('lost');
      const wait = Number(hearing.log.at(-1)?.fields.retryInMs);
      waits.push(wait);
      await hearing.clock.advance(wait);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('is over when the connection has held for half a minute', async () => {
    const { server, hearing, client } = await subscribed();
    client.kill();
    await hearing.untilState('lost');
    await hearing.clock.advance(500);
    const second = await nextClient(server);
    await hearing.untilState('subscribed');
    for (let i = 0; i < 10; i++) {
      second.message(i);
      await hearing.until(() => hearing.messages.length === i + 1);
      await hearing.clock.advance(3_000);
    }
    second.kill();
    await hearing.untilState('lost');
    await expectRecovery(hearing, server);
  });

  it.each([
    ['set back by a day', -86_400_000, 0],
    // A doubt makes a gap longer; known events are dropped.
    ['set forward by a day', 86_400_000, -86_400_000],
  ])('has its true length, though the clock is %s in between', async (_what, setMs, longerMs) => {
    const { server, hearing, client } = await subscribed();
    client.kill();
    await hearing.untilState('lost');
    hearing.clock.set(setMs);
    const heardAt = hearing.clock.wall();
    await hearing.clock.advance(500);
    await nextClient(server);
    await hearing.untilState('subscribed');
    expect(hearing.gaps.map(({ from }) => from)).toEqual([heardAt + longerMs]);
  });
});
