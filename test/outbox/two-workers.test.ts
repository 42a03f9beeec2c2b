import { afterEach, beforeEach, expect, it } from 'vitest';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';

let rig: OutboxRig;
beforeEach(async () => {
  rig = await createOutboxRig();
});
afterEach(() => rig.stop());

it.each([1, 3])('of two workers of one room, one plans anew if the other planned its %i deliveries', async (count) => {
  const { clock, store, adapter } = rig;
  const held = [1, 2, 3, 4].map(() => Promise.withResolvers<null>());
  let round = 0;
  // Another process works on the same room for a moment, and is slow between its pick and its plan.
  const other = await createOutboxRig({ store, clock, adapter, mutedBy: () => held[round]!.promise });
  const expected: string[] = [];
  for (; round < held.length; round++) {
    const rooms: number[] = [];
    for (let each = 1; each <= count; each++) rooms.push(...(await rig.commit(anEvent({ id: round * count + each }))));
    other.directory.wake(rooms);
    await clock.advance(0);
    rig.directory.wake(rooms);
    await clock.advance(60_000);
    held[round]!.resolve(null);
    await clock.advance(60_000);
    expected.push(...rooms.map(() => 'sent'));
    expect(rig.shown()).toHaveLength(expected.length);
  }
  expect(await rig.deliveries()).toEqual(expected);
  await other.kill();
});
