import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import type { Event, EventType } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';

let rig: OutboxRig;
const waves = { digestAbove: 1_000 };
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig({ waves, ...options });
};
afterEach(() => rig.stop());

const limited = (waitMs: number): SendResult => ({ outcome: 'notAccepted', scope: 'room', waitMs, reason: '429' });
const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };
const rejected: SendResult = { outcome: 'rejected', reason: '50035' };

const at = (id: number, parts: Parameters<typeof anEvent>[0] = {}) =>
  anEvent({ id, subject: `post:${id}`, receivedAt: rig.clock.now(), ...parts });

/** The first send is told to wait while these arrive; then the room is behind. */
async function waitTogether(events: readonly Event[]): Promise<void> {
  rig.adapter.answers.push(limited(5_000));
  for (const event of events) await rig.deliver(event);
}

describe('a room that is behind', () => {
  it('gets its waiting events in one message, in order, and each delivery knows its place', async () => {
    await start();
    await waitTogether([at(1), at(2), at(3)]);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['posts#create 1 + posts#create 2 + posts#create 3']);
    expect(await rig.deliveries()).toEqual(['sent', 'sent', 'sent']);
    const rows = await rig.store.db.selectFrom('deliveries').select(['message_id', 'slot']).orderBy('id').execute();
    expect(rows.map((row) => row.slot)).toEqual([0, 1, 2]);
    expect(new Set(rows.map((row) => row.message_id)).size).toBe(1);
  });

  it('gets single messages again as soon as it keeps up', async () => {
    await start();
    await waitTogether([at(1), at(2)]);
    await rig.clock.advance(5_000);
    await rig.deliver(at(3));
    await rig.deliver(at(4));
    expect(rig.shown()).toEqual(['posts#create 1 + posts#create 2', 'posts#create 3', 'posts#create 4']);
  });

  it('gets one message an event, however long it takes, with `waves: off`', async () => {
    await start({ waves: null });
    await waitTogether([at(1), at(2)]);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 2']);
  });

  it('gets at most as many events in one message as the platform takes', async () => {
    await start();
    await waitTogether(Array.from({ length: 23 }, (_, n) => at(n + 1)));
    await rig.clock.advance(5_000);
    expect(rig.shown().map((text) => text.split(' + ').length)).toEqual([10, 10, 3]);
  });

  it('keeps the order within a subject', async () => {
    await start();
    const time = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    await waitTogether([
      at(1, { type: 'update', updatedAt: time(3) }),
      at(1, { type: 'create', updatedAt: time(1) }),
      at(2),
      at(1, { type: 'destroy', updatedAt: time(1) }),
      at(1, { type: 'update', updatedAt: time(2) }),
    ]);
    await rig.clock.advance(5_000);
    const [text = ''] = rig.shown();
    const ofFirst = text.split(' + ').filter((part) => part.endsWith(' 1'));
    expect(ofFirst).toEqual(['posts#create 1', 'posts#update 1', 'posts#update 1', 'posts#destroy 1']);
  });

  it('gets the most urgent events first', async () => {
    const spec = (model: string, type: EventType = 'create') => new Map([[model, new Set([type])]]);
    await start({
      priority: [
        spec('posts', 'autoflagged_false_positive'),
        spec('posts', 'undeleted'),
        spec('posts'),
        spec('feedbacks'),
      ],
    });
    const autoflag = { success: true, is_auto: true, is_dry_run: null, flag_type: 'spam' };
    const of = (model: string, id: number, post: number, object = {}) =>
      at(id, { model, subject: `post:${post}`, object: { id, ...object } });
    await waitTogether([
      of('statistics', 1, 91),
      of('flag_logs', 2, 7, autoflag),
      of('feedbacks', 3, 92, { feedback_type: 'tp-' }),
      of('posts', 4, 93),
      of('deletion_logs', 5, 94, { is_deleted: false }),
      of('feedbacks', 6, 7, { feedback_type: 'fp-' }),
    ]);
    await rig.clock.advance(5_000);
    expect(rig.shown()[0]?.split(' + ')).toEqual([
      // The flag comes first since it is of the same post, and is older.
      'flag_logs#create 2',
      'feedbacks#create 6',
      'deletion_logs#create 5',
      'posts#create 4',
      'feedbacks#create 3',
      'statistics#create 1',
    ]);
  });
});

describe('a message of several events', () => {
  it('is split if it is rejected: only the events at fault become dead letters', async () => {
    await start();
    await waitTogether([at(1), at(2), at(3)]);
    rig.adapter.answerTo = (request) => (request.payload.includes('posts#create 2') ? rejected : null);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 3']);
    expect(await rig.deliveries()).toEqual(['sent', 'dead: 50035', 'sent']);
    expect(await rig.store.db.selectFrom('messages').select('id').execute()).toHaveLength(3);
  });

  it('is planned anew with the events that came meanwhile if it was not accepted', async () => {
    await start();
    await waitTogether([at(1), at(2)]);
    rig.adapter.answers.push(limited(5_000));
    await rig.clock.advance(5_000);
    await rig.deliver(at(3));
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['posts#create 1 + posts#create 2 + posts#create 3']);
  });

  it('is repeated with its bytes and key if the answer was not clear, and holds back its own subjects only', async () => {
    await start();
    await waitTogether([at(1), at(2)]);
    rig.adapter.answers.push(unclear);
    await rig.clock.advance(5_000);
    const first = rig.adapter.requests.at(-1);
    await rig.deliver(at(2, { type: 'update', updatedAt: '2026-01-01T00:00:09.000Z' }));
    await rig.deliver(at(3));
    expect(rig.shown()).toEqual(['posts#create 3']);
    await rig.clock.advance(10_000);
    expect(rig.shown()).toEqual(['posts#create 3', 'posts#create 1 + posts#create 2', 'posts#update 2']);
    expect(rig.adapter.requests.filter((request) => request.key === first?.key).map(({ payload }) => payload)).toEqual([
      first?.payload,
      first?.payload,
    ]);
  });

  it('is one dead letter that can be retried if it may have been sent', async () => {
    await start();
    await waitTogether([at(1), at(2)]);
    rig.adapter.answers.push(unclear, rejected);
    await rig.clock.advance(60_000);
    expect(await rig.deliveries()).toEqual([
      'dead: maybe sent; a repeat was rejected: 50035',
      'dead: maybe sent; a repeat was rejected: 50035',
    ]);
  });

  it('leaves out an event that cannot be rendered, which becomes a dead letter of its own', async () => {
    await start({
      render: (event) => {
        if (event.rowId === '2') throw new Error('no');
        return {
          title: null,
          url: null,
          color: null,
          body: [{ kind: 'paragraph', children: [{ kind: 'text', text: `post ${event.rowId}` }] }],
          fields: [],
          footer: null,
          image: null,
          link: null,
        };
      },
    });
    await waitTogether([at(1), at(2), at(3)]);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['post 1 + post 3']);
    expect(await rig.deliveries()).toEqual(['sent', 'dead: could not be made into a message: no', 'sent']);
  });

  it('survives kill -9: nothing of it is lost and nothing comes twice', async () => {
    await start();
    await waitTogether([at(1), at(2)]);
    rig.adapter.answers.push(async (request) => {
      rig.adapter.take(request);
      return unclear;
    });
    await rig.clock.advance(5_000);
    rig = await rig.restart();
    await rig.clock.advance(10_000);
    expect(rig.shown()).toEqual(['posts#create 1 + posts#create 2']);
    expect(await rig.deliveries()).toEqual(['sent', 'sent']);
  });
});
