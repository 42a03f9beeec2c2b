import { describe, expect, it } from 'vitest';
import { subscribed } from './hearing.ts';

describe('a source that is held', () => {
  it('reads nothing, does not take the server for frozen, and reads everything afterwards', async () => {
    const { hearing, client } = await subscribed();
    hearing.source.hold(true);
    for (let id = 1; id <= 50; id++) client.message({ id });
    await hearing.clock.advance(10 * 60_000);
    expect(hearing.source.state.state).toBe('subscribed');
    expect(hearing.messages).toEqual([]);
    hearing.source.hold(false);
    await hearing.until(() => hearing.messages.length === 50);
    expect(hearing.messages).toEqual(Array.from({ length: 50 }, (_, n) => ({ id: n + 1 })));
    expect(hearing.gaps).toEqual([]);
  });

  it('watches the server again once it reads', async () => {
    const { hearing } = await subscribed();
    hearing.source.hold(true);
    await hearing.clock.advance(60_000);
    hearing.source.hold(false);
    await hearing.clock.advance(12_000);
    expect(hearing.source.state.state).toBe('lost');
  });

  it('stops at once', async () => {
    const { hearing, client } = await subscribed();
    hearing.source.hold(true);
    client.message({ id: 1 });
    await hearing.source.stop();
    expect(hearing.messages).toEqual([]);
  });

  it('is held from the beginning if it connects again in between', async () => {
    const { hearing, client, server } = await subscribed();
    client.kill();
    await hearing.untilState('lost');
    hearing.source.hold(true);
    await hearing.clock.advance(500);
    const next = await server.client();
    await hearing.untilState('subscribed');
    next.message({ id: 1 });
    await hearing.clock.advance(60_000);
    expect(hearing.messages).toEqual([]);
    hearing.source.hold(false);
    await hearing.until(() => hearing.messages.length === 1);
  });
});
