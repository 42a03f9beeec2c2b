import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { storeRooms } from '../../src/outbox/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';
import { postCreated } from './sample.ts';

/** What a great backlog costs. */
export interface BacklogFigures {
  /** How much more memory a process has that picks from them than one that picks from a single one, MB. */
  readonly growthMb: number;
  /** Until the next send is picked, median, milliseconds. */
  readonly pickMs: number;
  /** The same with a single delivery waiting. */
  readonly floorMs: number;
}

const picker = fileURLToPath(new URL('pick-from.ts', import.meta.url));

/** Lets deliveries wait in one room of a store on disk, and has a process of its own pick from them. */
export async function measureBacklog(waiting: number): Promise<BacklogFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  try {
    const [one, many] = [join(directory, 'one.db'), join(directory, 'many.db')];
    await fill(one, 1);
    await fill(many, waiting);
    const [floor, found] = [await pickFrom(one), await pickFrom(many)];
    return { growthMb: found.memoryMb - floor.memoryMb, pickMs: found.pickMs, floorMs: floor.pickMs };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function fill(file: string, count: number): Promise<void> {
  const store = await openStore(file);
  const { db } = store;
  await storeRooms(db, [{ name: 'room', address: 'console:room', platform: 'console' }]);
  for (let at = 0; at < count; at += 500)
    await db.transaction().execute(async (trx) => {
      const ids = Array.from({ length: Math.min(500, count - at) }, (_, index) => at + index + 1);
      await trx.insertInto('events').values(ids.map(eventRow)).execute();
      await trx.insertInto('deliveries').values(ids.map(deliveryRow)).execute();
    });
  await store.close();
}

async function pickFrom(file: string): Promise<{ readonly pickMs: number; readonly memoryMb: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', picker, file]);
  return JSON.parse(stdout) as { pickMs: number; memoryMb: number };
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
