import { mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pipeline } from '../../src/ingest/pipeline.ts';
import type { Log } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { parseEventSpec } from '../../src/metasmoke/event-spec.ts';
import { writeNotice } from '../../src/notices/write-notice.ts';
import { createRouter } from '../../src/router/router.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createTroubleWatch } from '../../src/store/trouble-watch.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';

/** Tests of Lookout while the database refuses to store: a full disk, another process that holds it, damage. */
let folder: string;
let file: string;
let clock: TestClock;
let store: Store;
let rig: OutboxRig;
let pipeline: Pipeline;
let hurry: AbortController;
/** Level and text of the log lines for operators. */
let said: string[];

const at = (level: string) => (_fields: object, text: string) => {
  if (!text.startsWith('logged in')) said.push(`${level} ${text}`);
};
const log: Log = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') };
const catalogue = createCatalogue();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-refusals-'));
  file = join(folder, 'a.db');
  clock = createTestClock();
  said = [];
  hurry = new AbortController();
  const watch = createTroubleWatch({ file: 'a.db', clock, log });
  store = await openStore(file, { clock, hurry: hurry.signal, watch });
  watch.begin();
  rig = await createOutboxRig({ store, clock, log });
  const spec = parseEventSpec('posts', catalogue);
  if (spec.outcome !== 'ok') throw new Error('posts');
  const subscription = {
    id: 's',
    events: spec.spec,
    where: null,
    rooms: ['matrix:!a'],
    template: null,
    options: noOptions,
  };
  pipeline = createTestPipeline(store, clock, {
    router: createRouter([subscription]),
    roomId: rig.directory.roomId,
    wake: rig.directory.wake,
    log,
  });
});
afterEach(async () => {
  hurry.abort();
  await pipeline.stop(AbortSignal.abort());
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `post ${id}`, body: 'x'.repeat(2_000), updated_at: '2026-01-02T03:04:05.000Z' },
});
/** Takes the write lock as another process; the returned function releases it. */
function lock(): () => void {
  const other = new DatabaseSync(file);
  other.exec('BEGIN EXCLUSIVE');
  return () => other.close();
}
const pages = async (most: number | null) => {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
  await sql
    .raw(`pragma max_page_count = ${most === null ? 1_000_000 : (rows[0]?.page_count ?? 0) + most}`)
    .execute(store.db);
};

describe('a database that another process holds', () => {
  it('blocks only what needs it, and is written once it is released', async () => {
    const unlock = lock();
    pipeline.receive(post(1));
    let ticks = 0;
    for (let n = 0; n < 4; n++) {
      clock.after(n * 1_000, () => ticks++);
    }
    const before = performance.now();
    await clock.advance(4_000);
    // SQLite's own wait would have blocked for these seconds.
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(ticks).toBe(4);
    unlock();
    await clock.advance(100);
    expect(rig.shown()).toEqual(['posts#create 1']);
    expect(said).toEqual([]);
  });

  it('for longer than the wait is reported once, and nothing is lost or repeated', async () => {
    let unlock = () => {};
    rig.adapter.answers.push(async (request) => {
      unlock = lock();
      rig.adapter.take(request);
      return { outcome: 'sent', platformId: '$there' };
    });
    pipeline.receive(post(1));
    await clock.advance(1);
    for (let id = 2; id <= 20; id++) pipeline.receive(post(id));
    await clock.advance(10 * 60_000);
    expect(rig.adapter.requests).toHaveLength(1);
    unlock();
    await clock.advance(60_000);
    expect(rig.shown()).toHaveLength(20);
    expect(rig.adapter.requests).toHaveLength(20);
    pipeline.receive(post(21));
    await clock.advance(1_000);
    expect(said.filter((line) => line.includes('keeps a.db locked')).length).toBeLessThanOrEqual(2);
    expect(said.at(-1)).toBe('info a.db works again: buffered events are being written');
    expect(said.length).toBeLessThanOrEqual(3);
  });

  it('is not waited for during a quick stop', async () => {
    const unlock = lock();
    const message = textMessage('nobody waits for this');
    const written = writeNotice(store.db, { roomId: 1, subject: 's', message, now: 0 });
    const refused = expect(written).rejects.toThrow('locked');
    await clock.advance(100);
    hurry.abort();
    await refused;
    unlock();
  });
});

describe('a full disk', () => {
  it('buffers new events in memory, says what to do once, and shows all of them once there is space', async () => {
    await pages(20);
    for (let id = 1; id <= 500; id++) pipeline.receive(post(id));
    await clock.advance(30 * 60_000);
    expect(rig.shown().length).toBeLessThan(500);
    expect(pipeline.counts.lost).toBe(0);
    expect(said[0]).toBe(
      'error there is no space for a.db, the disk is full: free some space; until then events are buffered in memory and retried; nothing is sent twice',
    );
    // One line every ten minutes, however many rooms and attempts there are.
    expect(said.length).toBeLessThanOrEqual(4);
    await pages(null);
    await clock.advance(120_000);
    await pipeline.idle();
    await clock.advance(60_000);
    expect(rig.shown()).toHaveLength(500);
    expect(rig.adapter.requests).toHaveLength(500);
    pipeline.receive(post(501));
    await clock.advance(1_000);
    expect(said.at(-1)).toBe('info a.db works again: buffered events are being written');
  });

  it('does not prevent the deletion of old rows', async () => {
    for (let id = 1; id <= 50; id++) await rig.deliver(anEvent({ id }));
    await pages(0);
    await clock.advance(10_000);
    const receivedAt = clock.now() + 31 * 86_400_000;
    clock.set(31 * 86_400_000);
    await sql`update events set updated_at = ${new Date(receivedAt).toISOString()} where id = 50`.execute(store.db);
    await clock.advance(2 * 3_600_000);
    expect(await rig.deliveries()).toEqual([]);
  });
});

describe('a damaged database', () => {
  it('is reported with its remedy, and new events are buffered in memory', async () => {
    for (let id = 1; id <= 200; id++) pipeline.receive(post(id));
    await pipeline.idle();
    await clock.advance(1_000);
    await sql`pragma wal_checkpoint(truncate)`.execute(store.db);
    const descriptor = openSync(file, 'r+');
    for (let offset = 4_096; offset < statSync(file).size; offset += 4_096)
      writeSync(descriptor, Buffer.alloc(4_096, 0xab), 0, 4_096, offset);
    await sql`pragma shrink_memory`.execute(store.db);
    for (let id = 201; id <= 230; id++) pipeline.receive(post(id));
    await clock.advance(5 * 60_000);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('error a.db is damaged, or is not a database: stop Lookout, keep a copy');
    expect(said[0]).toContain('`sqlite3 a.db .recover | sqlite3 new.db`');
    expect(pipeline.counts.received).toBe(200);
  });
});
