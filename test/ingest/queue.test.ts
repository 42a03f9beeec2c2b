import { describe, expect, it } from 'vitest';
import { createIngestQueue } from '../../src/ingest/queue.ts';
import type { NewDelivery, NewEvent } from '../../src/outbox/new-event.ts';
import { anEvent } from '../support/events.ts';

const delivery: NewDelivery = { roomId: 1, subscription: 's', template: null, options: {} };

function item(id: number, { body = '', deliveries = 0 } = {}): NewEvent {
  return {
    event: anEvent({ id, object: { body }, receivedAt: id }),
    identity: { key: String(id), forgetAfterMs: null },
    deliveries: Array<NewDelivery>(deliveries).fill(delivery),
    awaitPostUntil: null,
    priority: { place: 0, ifAutoflagged: 0 },
    catchUp: null,
    failure: null,
  };
}

const ids = (items: readonly NewEvent[]) => items.map(({ event }) => Number(event.rowId));

describe('the queue of events to be written', () => {
  it('gives them in their order, in batches, until they are written', () => {
    const queue = createIngestQueue();
    for (let id = 1; id <= 450; id++) queue.push(item(id));
    const seen: number[] = [];
    while (queue.length > 0) {
      const batch = queue.peek();
      expect(ids(queue.peek())).toEqual(ids(batch));
      expect(batch.length).toBeLessThanOrEqual(200);
      seen.push(...ids(batch));
      queue.shift(batch.length);
    }
    expect(seen).toEqual(Array.from({ length: 450 }, (_, n) => n + 1));
  });

  it('gives few events at once that go to many rooms, and at least one', () => {
    const queue = createIngestQueue();
    queue.push(item(1, { deliveries: 600 }));
    queue.push(item(2, { deliveries: 600 }));
    queue.push(item(3, { deliveries: 5_000 }));
    expect(ids(queue.peek())).toEqual([1]);
    queue.shift(2);
    expect(ids(queue.peek())).toEqual([3]);
  });

  it('is full at 10,000 events, and until half of them are written', () => {
    const queue = createIngestQueue();
    for (let id = 1; id < 10_000; id++) queue.push(item(id));
    expect(queue.isFull).toBe(false);
    queue.push(item(10_000));
    expect(queue.isFull).toBe(true);
    queue.shift(5_000);
    expect(queue.isFull).toBe(true);
    queue.shift(1);
    expect(queue.isFull).toBe(false);
  });

  it('is full of a few large ones, too', () => {
    const queue = createIngestQueue();
    const body = 'x'.repeat(4_000_000);
    for (let id = 1; id <= 8; id++) queue.push(item(id, { body }));
    expect(queue.isFull).toBe(true);
    queue.shift(8);
    expect([queue.isFull, queue.length]).toEqual([false, 0]);
  });

  it('drops what comes beyond 50,000, and tells when, once there is room again', () => {
    const queue = createIngestQueue();
    for (let id = 1; id <= 50_003; id++) expect(queue.push(item(id))).toBe(id <= 50_000);
    expect(queue.takeDropped()).toBeNull();
    queue.shift(46_000);
    expect(queue.takeDropped()).toEqual({ from: 50_001, until: 50_003, count: 3 });
    expect(queue.takeDropped()).toBeNull();
  });
});
