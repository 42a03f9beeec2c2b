import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventGenerator } from './support/events.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { roomFaults } from './support/room-faults.ts';
import { type Stage, startStage } from './support/stage.ts';

/** A channel takes 5 messages in 5 seconds, so these take ten seconds at least. */
const frames = 15;

describe('Discord with its usual limits', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage({ discord: { limits: 'real', rooms: ['marks'] } });
  });

  afterAll(() => stage?.stop());

  it('receives all events of a burst, in order, none twice, at the requested pace', async () => {
    const events = createEventGenerator(createRandom(seedForThisRun()), Math.floor(Date.now() / 1000) - 86_400);
    await stage.untilSubscribed();
    const started = Date.now();
    await stage.emit(events.take(frames));
    await stage.untilSettled(60_000);
    const { double, shown } = stage.discord;
    expect(roomFaults(stage.outbox, { platform: 'discord', name: 'marks' }, stage.expected(), shown())).toEqual([]);
    expect(stage.expected().length).toBeGreaterThan(10);
    expect(Date.now() - started, 'the limit was met, or this test shows nothing').toBeGreaterThan(5_000);
    // The headers say before a send if there is room for it, so a client that reads them hardly ever receives a 429.
    expect(double.seen.filter(({ status }) => status === 429).length).toBeLessThan(3);
    expect([...double.pings, ...double.previews, ...double.misfits]).toEqual([]);
  });
});
