import { afterEach, describe, expect, it } from 'vitest';
import { type SendSafeguards, sendSafeguards } from '../../../src/outbox/rules/safeguards.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';
import { createScriptedAdapter } from '../../support/scripted-adapter.ts';

/** Each promise is kept by a part that can be left out: without it the promise breaks, so the part does its work. */
let rig: OutboxRig;
afterEach(() => rig.stop());

/** The platform takes a message and its answer is lost; gives what the room shows in the end. */
async function answerLost(without: Partial<SendSafeguards>): Promise<string[]> {
  rig = await createOutboxRig({ safeguards: without });
  rig.adapter.answers.push(async (request) => {
    rig.adapter.take(request);
    return { outcome: 'unknown', waitMs: 0, reason: 'connection lost' };
  });
  await rig.deliver(anEvent({ id: 1 }));
  await rig.clock.advance(600_000);
  return rig.shown();
}

/** An update that came before its create waits with it; gives the order in which the room shows them. */
async function outOfOrder(without: Partial<SendSafeguards>): Promise<string[]> {
  const adapter = createScriptedAdapter();
  adapter.loginResults.push({ outcome: 'later', waitMs: 1_000, reason: 'connection refused' });
  rig = await createOutboxRig({ adapter, safeguards: without });
  await rig.deliver(anEvent({ id: 1, type: 'update', updatedAt: '2026-01-02T03:04:09.000Z' }));
  await rig.deliver(anEvent({ id: 1, type: 'create', updatedAt: '2026-01-02T03:04:05.000Z' }));
  await rig.clock.advance(1_000);
  return rig.shown();
}

describe('the order', () => {
  it('is kept, and is lost without its safeguard', async () => {
    expect(await outOfOrder({})).toEqual(['posts#create 1', 'posts#update 1']);
    await rig.stop();
    expect(await outOfOrder({ inOrder: (waiting) => [...waiting] })).toEqual(['posts#update 1', 'posts#create 1']);
  });
});

describe('a lost answer', () => {
  it('makes no second message', async () => {
    expect(await answerLost({})).toEqual(['posts#create 1']);
  });

  it('makes one if an unknown outcome counts as not accepted', async () => {
    const once = { decided: false };
    const decide: SendSafeguards['decide'] = (result, send) => {
      const transition = sendSafeguards.decide(result, send);
      if (transition.step.kind !== 'repeat') return transition;
      once.decided = true;
      return { ...transition, step: { kind: 'planAnew', waitMs: null } };
    };
    expect(await answerLost({ decide })).toEqual(['posts#create 1', 'posts#create 1']);
    expect(once.decided).toBe(true);
  });

  it('makes one if a key that does not protect any more is trusted', async () => {
    const adapter = createScriptedAdapter(1_000);
    adapter.finds.push({ outcome: 'found', platformId: '$there' });
    rig = await createOutboxRig({ adapter, safeguards: { keyProtects: () => true } });
    adapter.answers.push(async (request) => {
      // The platform shows it, and has forgotten the key when it is repeated.
      adapter.take({ ...request, key: 'forgotten' });
      return { outcome: 'unknown', waitMs: 5_000, reason: 'connection lost' };
    });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(600_000);
    expect([rig.shown(), adapter.lookups]).toEqual([['posts#create 1', 'posts#create 1'], []]);
  });
});
