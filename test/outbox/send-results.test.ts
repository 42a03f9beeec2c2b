import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';

let rig: OutboxRig;
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig(options);
};
afterEach(() => rig.stop());

const limited = (scope: 'message' | 'room' | 'account', waitMs: number): SendResult => ({
  outcome: 'notAccepted',
  scope,
  waitMs,
  reason: 'M_LIMIT_EXCEEDED',
});
const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };

describe('sent', () => {
  it('settles the delivery and notes the platform id', async () => {
    await start();
    await rig.deliver(anEvent({ id: 7 }));
    expect(rig.shown()).toEqual(['posts#create 7']);
    expect(await rig.deliveries()).toEqual(['sent']);
    const message = await rig.store.db.selectFrom('messages').selectAll().executeTakeFirstOrThrow();
    expect(message.platform_id).toBe('$1');
  });
});

describe('notAccepted', () => {
  it('waits as long as the platform asked before it tries again, under a new key', async () => {
    await start();
    rig.adapter.answers.push(limited('account', 3_000));
    await rig.deliver(anEvent({ id: 7 }));
    expect(await rig.deliveries()).toEqual(['waiting']);
    await rig.clock.advance(2_900);
    expect(rig.adapter.requests).toHaveLength(1);
    await rig.clock.advance(200);
    expect(rig.shown()).toEqual(['posts#create 7']);
    expect(rig.adapter.requests[1]?.key).not.toBe(rig.adapter.requests[0]?.key);
  });

  it('discards payload and message, so that the delivery is planned anew', async () => {
    await start();
    rig.adapter.answers.push(limited('account', 3_000));
    await rig.deliver(anEvent({ id: 7 }));
    expect(await rig.store.db.selectFrom('sends').selectAll().execute()).toEqual([]);
    expect(await rig.store.db.selectFrom('messages').selectAll().execute()).toEqual([]);
  });

  it.each([
    ['message', ['posts#create 2'], ['posts#create 3']],
    ['room', [], ['posts#create 3']],
    ['account', [], []],
  ] as const)('of scope %s makes just that wait', async (scope, sameRoom, otherRoom) => {
    await start();
    rig.adapter.answers.push(limited(scope, 3_000));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }));
    await rig.deliver(anEvent({ id: 3 }), ['matrix:!b']);
    expect([rig.shown('!a'), rig.shown('!b')]).toEqual([sameRoom, otherRoom]);
    await rig.clock.advance(4_100);
    expect(rig.shown('!a').toSorted()).toEqual(['posts#create 1', 'posts#create 2']);
    expect(rig.shown('!b')).toEqual(['posts#create 3']);
  });

  it('lets nothing of the same subject overtake', async () => {
    await start();
    rig.adapter.answers.push(limited('message', 3_000));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 1, type: 'update' }));
    expect(rig.shown()).toEqual([]);
    await rig.clock.advance(4_100);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#update 1']);
  });
});

describe('unknown', () => {
  it('repeats the same bytes with the same key', async () => {
    await start();
    rig.adapter.answers.push(unclear, unclear);
    await rig.deliver(anEvent({ id: 7 }));
    await rig.clock.advance(10_000);
    expect(rig.adapter.requests).toHaveLength(3);
    expect(new Set(rig.adapter.requests.map((r) => `${r.key} ${r.payload}`)).size).toBe(1);
    expect(await rig.deliveries()).toEqual(['sent']);
  });

  it('waits longer each time, and at least as long as was asked', async () => {
    await start();
    rig.adapter.answers.push({ ...unclear, waitMs: 7_000 }, unclear, unclear);
    await rig.deliver(anEvent({ id: 7 }));
    const attempts: number[] = [];
    for (let second = 1; second <= 20; second++) {
      const before = rig.adapter.requests.length;
      await rig.clock.advance(1_000);
      if (rig.adapter.requests.length > before) attempts.push(second);
    }
    expect(attempts).toEqual([7, 9, 13]);
  });

  it('holds back its own subject, not the room', async () => {
    await start();
    rig.adapter.answers.push(unclear);
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 1, type: 'update' }));
    await rig.deliver(anEvent({ id: 2 }));
    expect(rig.shown()).toEqual(['posts#create 2']);
    await rig.clock.advance(2_000);
    expect(rig.shown()).toEqual(['posts#create 2', 'posts#create 1', 'posts#update 1']);
  });

  it('slows the room down while no answer is clear, so that a platform in trouble gets few requests', async () => {
    await start();
    const hour = 3_600_000;
    for (let n = 0; n < 2_000; n++) rig.adapter.answers.push(unclear);
    for (let id = 1; id <= 500; id++) await rig.deliver(anEvent({ id }));
    await rig.clock.advance(hour);
    expect(rig.adapter.requests.length).toBeLessThan(150);
  });

  it('slows the room down while one message after the other is refused for its own sake', async () => {
    await start();
    rig.adapter.answerTo = () => limited('message', 1_000);
    for (let id = 1; id <= 300; id++) {
      await rig.deliver(anEvent({ id }));
      await rig.deliver(anEvent({ id, type: 'update' }));
    }
    await rig.clock.advance(3_600_000);
    expect(rig.adapter.requests.length).toBeLessThan(150);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(600_000);
    expect(rig.shown()).toHaveLength(600);
  });

  it('becomes a dead letter after 24 hours in which other sends of the account got through', async () => {
    await start();
    rig.adapter.answerTo = (request) => (request.payload === 'posts#create 1' ? unclear : null);
    await rig.deliver(anEvent({ id: 1 }));
    for (let n = 1; n <= 25 * 15; n++) {
      await rig.deliver(anEvent({ id: 1_000 + n }), ['matrix:!b']);
      await rig.clock.advance(240_000);
    }
    expect((await rig.deliveries())[0]).toMatch(/^dead: maybe sent; no clear answer for 24 h: 502$/);
  });

  it('is not a dead letter while nothing of the account gets through', async () => {
    await start();
    await rig.deliver(anEvent({ id: 1 }));
    for (let n = 0; n < 2_000; n++) rig.adapter.answers.push(unclear);
    await rig.deliver(anEvent({ id: 2 }));
    await rig.clock.advance(48 * 3_600_000);
    rig.adapter.answers.splice(0);
    await rig.clock.advance(300_000);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 2']);
  });
});

describe('rejected', () => {
  it('makes a dead letter with its reason; the room goes on', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'rejected', reason: 'M_TOO_LARGE' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }));
    expect(await rig.deliveries()).toEqual(['dead: M_TOO_LARGE', 'sent']);
    expect(rig.shown()).toEqual(['posts#create 2']);
  });

  it('says of a repeat that it may have been sent', async () => {
    await start();
    rig.adapter.answers.push(unclear, { outcome: 'rejected', reason: 'M_BAD_JSON' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(2_000);
    expect(await rig.deliveries()).toEqual(['dead: maybe sent; a repeat was rejected: M_BAD_JSON']);
  });
});

describe('roomBroken', () => {
  it('pauses the room and keeps its deliveries; other rooms go on', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!a', 'matrix:!b']);
    expect(await rig.deliveries()).toEqual(['waiting', 'waiting', 'sent']);
    expect(rig.outbox.workers.find((w) => w.gate.room.name === 'a')?.gate.broken?.reason).toBe('M_FORBIDDEN');
    await rig.clock.advance(9 * 60_000);
    expect(rig.adapter.requests).toHaveLength(2);
  });

  it('lets the room be tried again after ten minutes', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(10 * 60_000 + 1);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('lets the room be tried again as soon as the platform says that it changed', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.deliver(anEvent({ id: 1 }));
    rig.outbox.roomChanged('matrix', '!a');
    await rig.clock.advance(0);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('keeps the bytes and the key of a send that may have been accepted before', async () => {
    await start();
    rig.adapter.answers.push(unclear, { outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(2_000);
    await rig.clock.advance(10 * 60_000);
    expect(rig.adapter.requests).toHaveLength(3);
    expect(new Set(rig.adapter.requests.map((r) => r.key)).size).toBe(1);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('does not count its pause towards the 24 hours', async () => {
    await start();
    rig.adapter.answers.push(unclear, { outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(1_500);
    for (let n = 0; n < 400; n++) rig.adapter.resolves.push({ outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    await rig.clock.advance(30 * 3_600_000);
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    rig.adapter.resolves.splice(0);
    rig.adapter.answers.push(unclear);
    await rig.clock.advance(800_000);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });
});

describe('accountBroken', () => {
  it('delays the next attempt, even if several rooms report it at once and every login succeeds', async () => {
    await start();
    rig.adapter.answerTo = () => ({ outcome: 'accountBroken', reason: 'nobody listens' });
    for (let id = 1; id <= 3; id++) await rig.deliver(anEvent({ id }), ['matrix:!a', 'matrix:!b']);
    await rig.clock.advance(3_600_000);
    expect(rig.adapter.requests.length).toBeLessThan(40);
    expect(rig.adapter.logins).toBeLessThan(20);
  });

  it('pauses all rooms of the account until a login succeeds', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'accountBroken', reason: 'M_UNKNOWN_TOKEN' });
    rig.adapter.loginResults.push({ outcome: 'accountBroken', reason: 'M_UNKNOWN_TOKEN' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    expect(await rig.deliveries()).toEqual(['waiting', 'waiting']);
    expect(rig.outbox.accounts[0]?.state.state).toBe('broken');
    await rig.clock.advance(10 * 60_000 + 2);
    expect([rig.shown('!a'), rig.shown('!b')]).toEqual([['posts#create 1'], ['posts#create 2']]);
  });
});
