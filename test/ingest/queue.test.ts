import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../src/ingest/prepare.ts';
import { createIngestQueue } from '../../src/ingest/queue.ts';
import { anEvent } from '../support/events.ts';

function item(id: number, body = ''): Arrival {
  return { event: anEvent({ id, object: { body }, receivedAt: id }), identity: null, catchUp: null, error: null };
}

describe('the queue of events to be written', () => {
  it('gives them in their order until they are written', () => {
    const queue = createIngestQueue();
    for (let id = 1; id <= 4_500; id++) queue.push(item(id));
    const seen: number[] = [];
    while (queue.length > 0) {
      expect(queue.at(0)).toBe(queue.at(0));
      for (let n = 0; n < 100; n++) seen.push(Number(queue.at(n)?.event.rowId));
      queue.shift(100);
    }
    expect(seen).toEqual(Array.from({ length: 4_500 }, (_, n) => n + 1));
    expect(queue.at(0)).toBeUndefined();
  });

  it('is full at 4,000 events, and until half of them are written', () => {
    const queue = createIngestQueue();
    for (let id = 1; id < 4_000; id++) queue.push(item(id));
    expect(queue.isFull).toBe(false);
    queue.push(item(4_000));
    expect(queue.isFull).toBe(true);
    queue.shift(2_000);
    expect(queue.isFull).toBe(true);
    queue.shift(1);
    expect(queue.isFull).toBe(false);
  });

  it('is full of a few large ones, too', () => {
    const queue = createIngestQueue();
    const body = 'x'.repeat(4_000_000);
    for (let id = 1; id <= 4; id++) queue.push(item(id, body));
    expect(queue.isFull).toBe(true);
    queue.shift(4);
    expect([queue.isFull, queue.length]).toEqual([false, 0]);
  });

  it('drops what comes beyond 50,000, and tells when, once there is room again', () => {
    const queue = createIngestQueue();
    for (let id = 1; id <= 50_003; id++) expect(queue.push(item(id))).toBe(id <= 50_000);
    expect(queue.takeDropped()).toBeNull();
    queue.shift(49_000);
    expect(queue.takeDropped()).toEqual({ from: 50_001, until: 50_003, count: 3 });
    expect(queue.takeDropped()).toBeNull();
  });
});
