import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import type { Event } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { textMessage } from '../support/scripted-adapter.ts';

let rig: OutboxRig;
let drawn: string[] = [];
afterEach(() => rig.stop());

const limited: SendResult = { outcome: 'notAccepted', scope: 'room', waitMs: 5_000, reason: '429' };
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const update = () =>
  anEvent({ id: 1, subject: 'post:1', type: 'update', updatedAt: at(3), receivedAt: rig.clock.now() });
const other = () => anEvent({ id: 2, subject: 'post:2', receivedAt: rig.clock.now() });
const flagAt = (second: number) =>
  anEvent({
    ...{ id: 5, model: 'flag_logs', class: 'FlagLog', subject: 'post:1' },
    ...{ updatedAt: at(second), receivedAt: rig.clock.now() },
  });

/** Starts a room in which an event is stored while a message with another event is made. */
async function start(arrival: { readonly during: string; readonly event: () => Event }, options: RigOptions) {
  drawn = [];
  let hasCome = false;
  rig = await createOutboxRig({
    ...options,
    async mutedBy(_room, { rowId }) {
      if (rowId === arrival.during && !hasCome && rig.adapter.requests.length > 0) {
        hasCome = true;
        await rig.commit(arrival.event());
      }
      return null;
    },
    render(event) {
      const text = `${event.model}#${event.type} ${event.rowId}`;
      drawn.push(text);
      return textMessage(text);
    },
  });
  // The first send is told to wait; then the room is behind.
  rig.adapter.answers.push(limited);
  await rig.deliver(update());
  await rig.deliver(other());
  await rig.clock.advance(5_000);
}

describe('an event that is stored while a message is made', () => {
  it('comes before what it precedes, in a message of several', async () => {
    await start({ during: '2', event: () => flagAt(2) }, { waves: { digestAbove: 1_000 } });
    expect(rig.shown()).toEqual(['flag_logs#create 5 + posts#update 1 + posts#create 2']);
  });

  it('comes before what it precedes, in messages of one event', async () => {
    await start({ during: '1', event: () => flagAt(2) }, { waves: null });
    expect(rig.shown()).toEqual(['flag_logs#create 5', 'posts#update 1', 'posts#create 2']);
  });

  it('waits for the next message if it comes behind: nothing is drawn twice for it', async () => {
    await start({ during: '2', event: () => flagAt(4) }, { waves: { digestAbove: 1_000 } });
    expect(rig.shown()).toEqual(['posts#update 1 + posts#create 2', 'flag_logs#create 5']);
    // The first time was before the wait.
    expect(drawn).toEqual(['posts#update 1', 'posts#update 1', 'posts#create 2', 'flag_logs#create 5']);
  });
});
