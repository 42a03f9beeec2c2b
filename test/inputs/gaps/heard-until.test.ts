import { describe, expect, it } from 'vitest';
import { createPulse } from '../../../src/inputs/source/pulse.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { expectRecovery, type Hearing, listenTo, nextClient, serverOf, subscribed } from '../source/hearing.ts';

const hour = 3_600_000;

/** Waits until the source has read everything that the server sent so far. */
async function readAll(hearing: Hearing, client: { message(message: unknown): void }): Promise<void> {
  const before = hearing.messages.length;
  client.message(before);
  await hearing.until(() => hearing.messages.length === before + 1);
}

describe('the time until which the source was received', () => {
  it('is that of the latest frame of a subscription, not the present', async () => {
    const server = await serverOf();
    const hearing = listenTo(server.url);
    expect(hearing.source.heardUntil).toBeNull();
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    await readAll(hearing, client);
    const heardAt = hearing.clock.wall();
    await hearing.clock.advance(6_000);
    expect(hearing.source.heardUntil).toBe(heardAt);
    await readAll(hearing, client);
    expect(hearing.source.heardUntil).toBe(hearing.clock.wall());
  });

  it('does not advance while the connection is dead, or until it is subscribed again', async () => {
    const { server, hearing, client } = await subscribed();
    await readAll(hearing, client);
    const heardAt = hearing.clock.wall();
    await hearing.clock.advance(1_000);
    server.behave({ answer: 'nothing' });
    client.kill();
    await hearing.untilState('lost');
    await hearing.clock.advance(500);
    (await nextClient(server)).ping();
    await hearing.clock.advance(5_000);
    expect(hearing.source.heardUntil).toBe(heardAt);
    await hearing.source.stop();
    expect(hearing.source.heardUntil).toBe(heardAt);
  });

  it('follows the present setting of the wall clock', async () => {
    const { hearing, client } = await subscribed();
    await readAll(hearing, client);
    const heardAt = hearing.clock.wall();
    hearing.clock.set(-hour);
    expect(hearing.source.heardUntil).toBe(heardAt - hour);
  });

  it('is before unreadable frames that are not reported yet', async () => {
    const { hearing, client } = await subscribed();
    client.raw('garbage');
    await hearing.until(() => hearing.gaps.length === 1);
    await hearing.clock.advance(2_000);
    await readAll(hearing, client);
    const heardAt = hearing.clock.wall();
    await hearing.clock.advance(1_000);
    client.raw('more');
    await readAll(hearing, client);
    expect(hearing.source.heardUntil).toBe(heardAt);
    await hearing.source.stop();
    expect(hearing.source.heardUntil).toBe(heardAt);
  });
});

describe('a machine that slept', () => {
  it('misses events sent in between, though earlier frames are read when it wakes', async () => {
    const { server, hearing, client } = await subscribed();
    await readAll(hearing, client);
    const heardAt = hearing.clock.wall();
    // Timers follow the monotonic clock, which stands still.
    hearing.clock.set(5 * hour);
    await readAll(hearing, client);
    expect(hearing.source.heardUntil).toBe(heardAt);
    client.kill();
    await hearing.untilState('lost');
    await expectRecovery(hearing, server);
    expect(hearing.gaps.map(({ from }) => from)).toEqual([heardAt]);
  });

  it('misses nothing if its connection stays open', async () => {
    const { hearing, client } = await subscribed();
    await readAll(hearing, client);
    hearing.clock.set(5 * hour);
    await readAll(hearing, client);
    await hearing.clock.advance(2_000);
    await readAll(hearing, client);
    expect(hearing.source.heardUntil).toBe(hearing.clock.wall());
    expect(hearing.gaps).toEqual([]);
  });
});

it('a frame proves only what reached this machine before the last beat', async () => {
  const clock = createTestClock();
  const pulse = createPulse(clock);
  await clock.advance(1_000);
  pulse.beat();
  const beatAt = clock.now();
  // The event loop is busy.
  await clock.advance(3_000);
  expect(pulse.readUntil?.wall).toBe(beatAt);
});

it('a process that was stopped knows how far it read after two beats that came in time', async () => {
  const clock = createTestClock();
  const pulse = createPulse(clock);
  await clock.advance(600_000);
  expect(pulse.readUntil).toBeNull();
  pulse.beat();
  expect(pulse.readUntil).toBeNull();
  await clock.advance(1_000);
  pulse.beat();
  expect(pulse.readUntil?.wall).toBe(clock.now());
});
