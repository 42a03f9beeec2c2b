import { afterEach, describe, expect, it } from 'vitest';
import type { FindRequest, SendResult } from '../../src/adapters/adapter.ts';
import { lastReceivedAt } from '../../src/inputs/gaps/event-marks.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';

/** What happens when somebody sets the clock of the machine, while Lookout runs or between two runs. */
let rigs: OutboxRig[] = [];
const start = async (options?: RigOptions) => {
  const rig = await createOutboxRig(options);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs) await rig.stop();
  rigs = [];
});

const minute = 60_000;
const day = 86_400_000;
const unclear = (waitMs = 0): SendResult => ({ outcome: 'unknown', waitMs, reason: '502' });
const limited = (scope: 'message' | 'room' | 'account', waitMs: number): SendResult => ({
  outcome: 'notAccepted',
  scope,
  waitMs,
  reason: 'M_LIMIT_EXCEEDED',
});

describe('a clock that is set back by a day', () => {
  it('stops no backlog', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'later', waitMs: minute, reason: 'connection refused' });
    const rig = await start({ adapter });
    for (let id = 1; id <= 20; id++) await rig.deliver(anEvent({ id }));
    rig.clock.set(-day);
    await rig.clock.advance(minute + 1);
    expect(rig.shown()).toHaveLength(20);
  });

  it('stops no backlog of an earlier process', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'accountBroken', reason: 'M_UNKNOWN_TOKEN' });
    const rig = await start({ adapter });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.kill();
    rig.clock.set(-day);
    const second = await rig.restart({ adapter: createScriptedAdapter() });
    expect(second.shown()).toEqual(['posts#create 1']);
    rigs = [second];
  });

  it.each(['message', 'room', 'account'] as const)(
    'makes no wait that was asked for a %s longer, or shorter',
    async (scope) => {
      const rig = await start();
      rig.adapter.answers.push(limited(scope, 5_000));
      await rig.deliver(anEvent({ id: 1 }));
      rig.clock.set(-day);
      await rig.clock.advance(4_000);
      expect(rig.adapter.requests).toHaveLength(1);
      await rig.clock.advance(600_000);
      expect(rig.shown()).toEqual(['posts#create 1']);
      expect(rig.adapter.requests).toHaveLength(2);
    },
  );

  it('does not shorten the wait for its post of an event that came after it', async () => {
    const rig = await start();
    rig.clock.set(-day);
    await rig.deliver(anEvent({ id: 1, type: 'update' }), ['matrix:!a'], rig.clock.now() + 500);
    await rig.clock.advance(400);
    expect(rig.shown()).toEqual([]);
    await rig.clock.advance(100);
    expect(rig.shown()).toEqual(['posts#update 1']);
  });

  it('lets a send without an answer be repeated in time, with its key', async () => {
    const rig = await start();
    rig.adapter.answers.push(unclear());
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 1, type: 'update' }));
    rig.clock.set(-day);
    await rig.clock.advance(600_000);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#update 1']);
    expect(rig.adapter.requests[1]?.key).toBe(rig.adapter.requests[0]?.key);
  });

  it('does not make a key that the platform has forgotten protect again', async () => {
    const rig = await start({ adapter: createScriptedAdapter(2 * minute) });
    rig.adapter.answers.push(async (request) => {
      rig.adapter.take(request);
      return unclear(3 * minute);
    });
    rig.adapter.finds.push({ outcome: 'found', platformId: '$there' });
    await rig.deliver(anEvent({ id: 1 }));
    rig.clock.set(-day);
    await rig.clock.advance(13 * minute);
    expect([rig.adapter.requests.length, rig.adapter.lookups.length]).toEqual([1, 1]);
    expect(await rig.deliveries()).toEqual(['sent']);
  });

  it('between two runs lets a send without an answer be repeated in time, with its key', async () => {
    const rig = await start();
    rig.adapter.answers.push(unclear(minute));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.kill();
    rig.clock.set(-day);
    const adapter = createScriptedAdapter();
    const second = await rig.restart({ adapter });
    await rig.clock.advance(2 * minute);
    expect(adapter.requests.map(({ key }) => key)).toEqual(rig.adapter.requests.map(({ key }) => key));
    expect(await second.deliveries()).toEqual(['sent']);
    rigs = [second];
  });

  it('because it was ahead, lets the room be read back to the real time of the send', async () => {
    const rig = await start({ adapter: createScriptedAdapter(1_000) });
    const lookups: FindRequest[] = rig.adapter.lookups;
    rig.adapter.answers.push(unclear(2_000));
    rig.clock.set(day);
    await rig.clock.advance(1);
    await rig.deliver(anEvent({ id: 1, receivedAt: rig.clock.now() }));
    rig.clock.set(-day);
    const sentAt = rig.clock.wall();
    rig.adapter.finds.push({ outcome: 'found', platformId: '$there' });
    await rig.clock.advance(600_000);
    expect(lookups.map(({ since }) => since)).toEqual([sentAt]);
  });

  it('reverses no order of events without a time of their own', async () => {
    const rig = await start();
    const reason = (id: number) =>
      anEvent({ id, model: 'reasons', subject: 'reason:1', updatedAt: null, receivedAt: rig.clock.now() });
    rig.adapter.answers.push(limited('room', 5_000));
    await rig.deliver(reason(1));
    rig.clock.set(-day);
    await rig.deliver(reason(2));
    await rig.clock.advance(600_000);
    expect(rig.shown()).toEqual(['reasons#create 1', 'reasons#create 2']);
  });

  it('does not remember the identity of a repeated event for a day', async () => {
    const rig = await start();
    const reason = () =>
      anEvent({
        model: 'reasons',
        class: 'Reason',
        type: 'update',
        subject: 'reason:1',
        updatedAt: null,
        receivedAt: rig.clock.now(),
      });
    await rig.deliver(reason());
    rig.clock.set(-day);
    await rig.clock.advance(11 * minute);
    await rig.deliver(reason());
    expect(rig.shown()).toHaveLength(2);
  });
});

describe('a clock that is set forward', () => {
  it('leaves the platform its minute to show a send before it counts as lost', async () => {
    const rig = await start({ adapter: createScriptedAdapter(1_000) });
    rig.adapter.answers.push(unclear(2_000));
    await rig.deliver(anEvent({ id: 1 }));
    rig.clock.set(day);
    await rig.clock.advance(58_000);
    expect(rig.adapter.lookups.length).toBeGreaterThan(0);
    expect(rig.adapter.requests).toHaveLength(1);
    await rig.clock.advance(600_000);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('lets the room be searched instead of trusting the key', async () => {
    const rig = await start();
    rig.adapter.answers.push(unclear(2_000));
    rig.adapter.finds.push({ outcome: 'found', platformId: '$there' });
    await rig.deliver(anEvent({ id: 1 }));
    rig.clock.set(day);
    await rig.clock.advance(600_000);
    expect([rig.adapter.requests.length, rig.adapter.lookups.length]).toEqual([1, 1]);
  });

  it('makes no dead letter of a send that was tried for some seconds', async () => {
    const rig = await start({ adapter: createScriptedAdapter(30 * day) });
    rig.adapter.answers.push(unclear(2_000));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(1_000);
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    rig.clock.set(2 * day);
    rig.adapter.answers.push(unclear(2_000));
    await rig.clock.advance(600_000);
    expect(await rig.deliveries()).toEqual(['sent', 'sent']);
    expect(rig.adapter.requests).toHaveLength(4);
  });

  it('for two months deletes nothing that was sent a minute ago', async () => {
    const rig = await start();
    for (let id = 1; id <= 5; id++) await rig.deliver(anEvent({ id }));
    rig.clock.set(60 * day);
    await rig.clock.advance(2 * 3_600_000);
    expect(await rig.deliveries()).toHaveLength(5);
    // And still knows it, should it come again.
    await rig.deliver(anEvent({ id: 1 }));
    expect(rig.shown()).toHaveLength(5);
  });
});

describe('a clock that was set back for a while', () => {
  it('lets no row be deleted that came after one that is kept', async () => {
    const rig = await start();
    const deliver = (id: number) => rig.deliver(anEvent({ id, receivedAt: rig.clock.now() }));
    await deliver(1);
    rig.clock.set(-60 * day);
    await deliver(2);
    rig.clock.set(60 * day);
    await deliver(3);
    await rig.clock.advance(2 * 3_600_000);
    expect(await rig.deliveries()).toEqual(['sent', 'sent', 'sent']);
  });

  it('hides no gap: an event with a future time does not count as the last one received', async () => {
    const rig = await start();
    const { db } = rig.store;
    const now = rig.clock.now();
    expect(await lastReceivedAt(db, 'metasmoke', now)).toBeNull();
    await rig.deliver(anEvent({ id: 2, receivedAt: now + day }));
    expect(await lastReceivedAt(db, 'metasmoke', now)).toBe('ahead');
    await rig.deliver(anEvent({ id: 1, receivedAt: now - minute }));
    expect(await lastReceivedAt(db, 'metasmoke', now)).toBe(now - minute);
    expect(await lastReceivedAt(db, 'metasmoke', now + 2 * day)).toBe(now + day);
  });
});
