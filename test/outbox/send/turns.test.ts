import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../../src/adapters/adapter.ts';
import { createTurns, LAST } from '../../../src/outbox/send/turns.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';

const unanswered: SendResult = { outcome: 'unknown', waitMs: 0, reason: 'stopped' };
const never = new AbortController().signal;

describe('turns', () => {
  /** Rooms that always want another turn: how many each of them gets. */
  async function share(urgencies: readonly number[], turnsInAll: number): Promise<number[]> {
    const turns = createTurns(systemClock);
    const got = urgencies.map(() => 0);
    let left = turnsInAll;
    const work = async (room: number, urgency: number) => {
      while (left > 0) {
        const end = await turns.take(room, urgency, never);
        if (left-- > 0) got[room]!++;
        end?.();
      }
    };
    await Promise.all(urgencies.map((urgency, room) => work(room, urgency)));
    return got;
  }

  it('are shared equally by rooms of equal urgency', async () => {
    expect(await share([2, 2, 2], 30)).toEqual([10, 10, 10]);
  });

  it('are more frequent for urgent rooms, and the least urgent still have some', async () => {
    const [urgent = 0, usual = 0] = await share([0, 4], 60);
    expect(urgent / usual).toBeCloseTo(5, 0);
    expect(usual).toBeGreaterThan(5);
  });

  it('are for the last rank only if no room asks', async () => {
    expect(await share([2, LAST, 4], 60)).toEqual([45, 0, 15]);
    expect(await share([LAST], 3)).toEqual([3]);
  });

  it('are taken one at a time, and not by a room that gave up', async () => {
    const turns = createTurns(systemClock);
    const end = await turns.take(1, 0, never);
    const stop = new AbortController();
    const stopped = turns.take(2, 0, stop.signal);
    const waiting = turns.take(3, 0, never);
    stop.abort();
    expect(await stopped).toBeNull();
    end?.();
    expect(await waiting).toBeTypeOf('function');
  });
});

describe('an account that the platform limits', () => {
  let rig: OutboxRig;
  afterEach(() => rig.stop());

  it('sends nothing more after a stop from a room that waited for its turn', async () => {
    rig = await createOutboxRig();
    rig.adapter.answers.push({ outcome: 'notAccepted', waitMs: 5_000, scope: 'account', reason: '429' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    const before = rig.adapter.requests.length;
    rig.adapter.answers.push(
      (_request, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(unanswered))),
    );
    await rig.clock.advance(5_100);
    expect(rig.adapter.requests).toHaveLength(before + 1);
    const now = new AbortController();
    rig.clock.after(1_000, () => now.abort());
    const stopped = rig.outbox.stop(now.signal);
    await rig.clock.advance(1_001);
    await stopped;
    expect(rig.adapter.requests).toHaveLength(before + 1);
    expect((await rig.deliveries()).sort()).toEqual(['planned', 'waiting']);
  });

  it('lets a quiet room send soon, however much a busy one has to send', async () => {
    rig = await createOutboxRig();
    const limited: SendResult = { outcome: 'notAccepted', waitMs: 5_000, scope: 'account', reason: '429' };
    let allowedAt = rig.clock.now() + 5_000;
    rig.adapter.answerTo = () => {
      if (rig.clock.now() < allowedAt) return limited;
      allowedAt = rig.clock.now() + 5_000;
      return null;
    };
    for (let id = 1; id <= 30; id++) await rig.deliver(anEvent({ id, subject: `post:${id}` }));
    await rig.clock.advance(20_000);
    await rig.deliver(anEvent({ id: 99, subject: 'post:99' }), ['matrix:!b']);
    await rig.clock.advance(11_000);
    expect(rig.shown('!b')).toEqual(['posts#create 99']);
    expect(rig.shown('!a').length).toBeLessThan(8);
    await rig.clock.advance(200_000);
    expect(rig.shown('!a')).toHaveLength(30);
  });
});
