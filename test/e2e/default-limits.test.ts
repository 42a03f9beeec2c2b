import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventGenerator } from './support/events.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { roomFaults } from './support/room-faults.ts';
import { type Stage, startStage } from './support/stage.ts';

/** Synapse lets an account send 10 messages at once and then one every 5 seconds, so these take half a minute. */
const frames = 15;
const atOnce = 10;

describe('a homeserver with its default limits', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage({ matrix: { limits: 'default', rooms: ['marks'] } });
  });

  afterAll(() => stage?.stop());

  it('receives all events of a burst, in order, none twice, at the requested pace', async () => {
    const events = createEventGenerator(createRandom(seedForThisRun()), Math.floor(Date.now() / 1000) - 86_400);
    await stage.untilSubscribed();
    await stage.emit(events.take(frames));
    // Some frames are not news, and some seeds have many of them.
    while (stage.expected().length <= atOnce + 2) await stage.emit(events.take(1));
    const isLimited = () => stage.lookout.said.some((line) => /M_LIMIT_EXCEEDED|429/.test(line));
    await stage.untilSettled(90_000);
    // A machine that sends slower than the limit needs more of them.
    for (let more = 0; !isLimited() && more < 3; more++) {
      await stage.emit(events.take(2 * atOnce));
      await stage.untilSettled(180_000);
    }
    expect(
      roomFaults(stage.outbox, { platform: 'matrix', name: 'marks' }, stage.expected(), await stage.matrix.shown()),
    ).toEqual([]);
    expect(stage.expected().length).toBeGreaterThan(atOnce);
    expect(isLimited(), 'the limit was met, or this test shows nothing').toBe(true);
  });
});
