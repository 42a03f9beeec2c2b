import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextWork } from '../../src/outbox/next-work.ts';
import { inOrder } from '../../src/outbox/order.ts';
import { storeRooms } from '../../src/outbox/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';
import { postCreated } from './sample.ts';

/** What a great backlog costs. */
export interface BacklogFigures {
  /** How much more memory this process has after all were written and the next were picked, MB. */
  readonly growthMb: number;
  /** Until the next send is picked, median, milliseconds. */
  readonly pickMs: number;
  /** The same with a single delivery waiting. */
  readonly floorMs: number;
}

const picks = 50;

/** Lets deliveries wait in one room of a store on disk, and picks from them. */
export async function measureBacklog(waiting: number): Promise<BacklogFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  const store = await openStore(join(directory, 'bench.db'));
  const { db } = store;
  try {
    await storeRooms(db, [{ name: 'room', address: 'console:room', platform: 'console' }]);
    const write = async (from: number, to: number) => {
      for (let at = from; at < to; at += 500)
        await db.transaction().execute(async (trx) => {
          const ids = Array.from({ length: Math.min(500, to - at) }, (_, index) => at + index + 1);
          await trx.insertInto('events').values(ids.map(eventRow)).execute();
          await trx.insertInto('deliveries').values(ids.map(deliveryRow)).execute();
        });
    };
    const pick = async () => {
      const times: number[] = [];
      for (let n = 0; n < picks; n++) {
        const began = performance.now();
        const work = await nextWork(db, 1, Date.now(), inOrder);
        if (work.kind !== 'plan') throw new Error('nothing was picked');
        times.push(performance.now() - began);
      }
      return times.toSorted((a, b) => a - b)[picks / 2]!;
    };
    await write(0, 1);
    const floorMs = await pick();
    const before = memory();
    await write(1, waiting);
    const pickMs = await pick();
    return { growthMb: (memory() - before) / 1e6, pickMs, floorMs };
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

const now = Date.now() - 60_000;

function eventRow(id: number) {
  const { object } = JSON.parse(postCreated(id)) as { object: object };
  return {
    id,
    source: 'bench',
    model: 'posts',
    class: 'Post',
    row_id: String(id),
    type: 'create' as const,
    subject: `post:${id}`,
    updated_at: null,
    received_at: now,
    origin: 'live' as const,
    object: JSON.stringify(object),
    identity: String(id),
    forget_at: null,
    state: 'routed' as const,
    failure: null,
  };
}

function deliveryRow(id: number) {
  return {
    event_id: id,
    room_id: 1,
    subject: `post:${id}`,
    state: 'waiting' as const,
    reason: null,
    subscription: 'bench',
    template: null,
    options: '{}',
    due_at: now,
    order_at: now,
    order_rank: 0,
    priority: 2,
    alone: 0 as const,
    catch_up: null,
    mute: null,
    message_id: null,
    slot: null,
    attempts: 0,
    first_attempt_at: null,
    last_attempt_at: null,
    counted_ms: 0,
    settled_at: null,
  };
}
