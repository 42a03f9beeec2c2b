import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { identify } from '../../src/metasmoke/identity.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import type { NewEvent } from '../../src/outbox/new-event.ts';
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
      for (let id = at + 1; id <= Math.min(count, at + 500); id++) await enqueue(trx, waitingPost(id));
    });
  await store.close();
}

async function pickFrom(file: string): Promise<{ readonly pickMs: number; readonly memoryMb: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', picker, file]);
  return JSON.parse(stdout) as { pickMs: number; memoryMb: number };
}

const receivedAt = Date.now() - 60_000;
const catalogue = createCatalogue();

/** A report that waits for the room, as the pipeline would write it down. */
export function waitingPost(id: number): NewEvent {
  const decoded = decode(JSON.parse(postCreated(id)), { source: 'bench', receivedAt, origin: 'live', catalogue });
  if (decoded.outcome !== 'event') throw new Error('a sample is no event any more');
  return {
    event: decoded.event,
    identity: identify(decoded.event),
    deliveries: [{ roomId: 1, subscription: 'bench', template: null, options: {} }],
    awaitPostUntil: null,
    priority: { place: 2, ifAutoflagged: 2 },
    catchUp: null,
    failure: null,
  };
}
