import { describe, expect, it } from 'vitest';
import { playSamples } from '../../src/hub/play.ts';
import type { WireEvent } from '../../src/hub/wire-event.ts';
import { createTestClock } from '../support/test-clock.ts';

/** A hub with the interface that the player uses. */
function audience() {
  const heard: WireEvent[] = [];
  const listeners = new Set<() => void>();
  const hub = {
    subscriptions: 0,
    publish: (event: WireEvent) => void heard.push(event),
    onSubscribed(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const subscribe = () => {
    hub.subscriptions += 1;
    for (const listener of listeners) listener();
  };
  return { hub, heard, listeners, subscribe };
}

describe('playing samples', () => {
  it('begins with the first subscription, and not before', async () => {
    const clock = createTestClock();
    const { hub, heard, subscribe } = audience();
    const samples = playSamples(hub, clock);
    await clock.advance(60_000);
    expect(heard).toEqual([]);
    subscribe();
    await clock.advance(200);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ event_class: 'Post', event_type: 'create' });
    samples.stop();
    expect(clock.pending).toBe(0);
  });

  it('begins at once if there is a subscription already', async () => {
    const clock = createTestClock();
    const { hub, heard, subscribe } = audience();
    subscribe();
    const samples = playSamples(hub, clock);
    await clock.advance(200);
    expect(heard).toHaveLength(1);
    samples.stop();
  });

  it('plays at a human pace, with times that are never ahead of the clock', async () => {
    const clock = createTestClock();
    const { hub, heard, subscribe } = audience();
    const samples = playSamples(hub, clock);
    subscribe();
    let longest = 0;
    let silent = 0;
    for (let second = 0; second < 120; second++) {
      const before = heard.length;
      await clock.advance(1_000);
      silent = heard.length === before ? silent + 1 : 0;
      longest = Math.max(longest, silent);
      const times = heard.slice(before).map((event) => event.object.updated_at);
      for (const time of times) if (typeof time === 'string') expect(Date.parse(time)).toBeLessThanOrEqual(clock.now());
    }
    expect(heard.length).toBeGreaterThan(90);
    expect(heard.length).toBeLessThan(300);
    expect(longest).toBeLessThanOrEqual(4);
    samples.stop();
    const { length } = heard;
    await clock.advance(60_000);
    expect(heard).toHaveLength(length);
    expect(clock.pending).toBe(0);
  });

  it('waits while there is no subscription, and begins a new story for the next one', async () => {
    const clock = createTestClock();
    const { hub, heard, subscribe } = audience();
    const samples = playSamples(hub, clock);
    subscribe();
    await clock.advance(30_000);
    hub.subscriptions = 0;
    await clock.advance(600_000);
    const { length } = heard;
    expect(clock.pending).toBe(0);
    subscribe();
    await clock.advance(200);
    expect(heard).toHaveLength(length + 1);
    expect(heard.at(-1)!.object.title).toBe(heard[0]!.object.title);
    expect(heard.at(-1)!.object.id).not.toBe(heard[0]!.object.id);
    samples.stop();
  });

  it('does not play everything at once that became due while the machine slept', async () => {
    const clock = createTestClock();
    let asleepMs = 0;
    const sleepy = { ...clock, wall: () => clock.wall() + asleepMs };
    const { hub, heard, subscribe } = audience();
    const samples = playSamples(hub, sleepy);
    subscribe();
    await clock.advance(5_000);
    const { length } = heard;
    asleepMs = 3_600_000;
    await clock.advance(5_000);
    expect(heard.length - length).toBeLessThan(15);
    const { created_at } = heard.at(-1)!.object;
    expect(sleepy.wall() - Date.parse(String(created_at))).toBeLessThan(60_000);
    samples.stop();
  });

  it('plays at the speed of its options', async () => {
    const clock = createTestClock();
    const { hub, heard, subscribe } = audience();
    const samples = playSamples(hub, clock, { pauseMs: 10 });
    subscribe();
    await clock.advance(1_100);
    expect(heard.length).toBe(101);
    samples.stop();
  });
});
