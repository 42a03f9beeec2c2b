import { openSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeNotice } from '../../src/notices/write-notice.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

/** Tests Lookout while the database refuses writes: a full disk, another process that holds it, damage. */
let app: TestApp;

beforeEach(async () => {
  app = await createTestApp({
    config: [
      'rooms: { a: { to: "matrix:!a:a.org", waves: off } }',
      'subscriptions: [{ events: posts, rooms: a, template: kind }]',
    ].join('\n'),
    store: 'file',
    files: { 'my-templates/kind.hbs': '{{event.model}}#{{event.type}} {{object.id}}' },
  });
  app.said.length = 0;
});

/** The log since the start, with `a.db` for the database file. */
const said = () => app.said.map((line) => line.replaceAll(app.file, 'a.db'));
const shown = () => app.platform.shown('!a:a.org');

const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `post ${id}`, body: 'x'.repeat(2_000), updated_at: '2026-01-02T03:04:05.000Z' },
});
/** Another process takes the right to write; gives it back when the returned function is called. */
function lock(): () => void {
  const other = new DatabaseSync(app.file);
  other.exec('BEGIN EXCLUSIVE');
  return () => other.close();
}
const pages = async (most: number | null) => {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(app.db);
  await sql
    .raw(`pragma max_page_count = ${most === null ? 1_000_000 : (rows[0]?.page_count ?? 0) + most}`)
    .execute(app.db);
};

describe('a database that another process holds', () => {
  it('delays nothing that does not need it, and is written to as soon as it is free', async () => {
    const unlock = lock();
    app.pipeline.receive(post(1));
    let ticks = 0;
    for (let n = 0; n < 4; n++) {
      app.clock.after(n * 1_000, () => ticks++);
    }
    const before = performance.now();
    await app.clock.advance(4_000);
    // SQLite's own wait would have taken these seconds for good.
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(ticks).toBe(4);
    unlock();
    await app.clock.advance(100);
    expect(shown()).toEqual(['posts#create 1']);
    expect(said()).toEqual([]);
  });

  it('is reported once if that lasts, and nothing is lost or sent twice', async () => {
    let unlock = () => {};
    app.platform.answers.push(async (request) => {
      unlock = lock();
      app.platform.take(request);
      return { outcome: 'sent', platformId: '$there' };
    });
    app.pipeline.receive(post(1));
    await app.clock.advance(1);
    for (let id = 2; id <= 20; id++) app.pipeline.receive(post(id));
    await app.listen(10 * 60_000);
    expect(app.platform.requests).toHaveLength(1);
    unlock();
    await app.listen(60_000);
    expect(shown()).toHaveLength(20);
    expect(app.platform.requests).toHaveLength(20);
    app.pipeline.receive(post(21));
    await app.clock.advance(1_000);
    expect(said().filter((line) => line.includes('keeps a.db locked')).length).toBeLessThanOrEqual(2);
    expect(said().at(-1)).toBe('info a.db works again: buffered events are being written');
    expect(said().length).toBeLessThanOrEqual(3);
  });

  it('is not waited for at a stop', async () => {
    const unlock = lock();
    const message = textMessage('nobody waits for this');
    const written = writeNotice(app.db, { roomId: 1, subject: 's', message, now: 0 });
    const refused = expect(written).rejects.toThrow('locked');
    await app.clock.advance(100);
    await app.stop();
    await refused;
    unlock();
  });
});

describe('a full disk', () => {
  it('leaves incoming events in memory, says once what to do, and all are sent when there is room', async () => {
    await pages(20);
    for (let id = 1; id <= 500; id++) app.pipeline.receive(post(id));
    await app.listen(30 * 60_000);
    expect(shown().length).toBeLessThan(500);
    expect(app.pipeline.counts.lost).toBe(0);
    expect(said()[0]).toBe(
      'error there is no space for a.db, the disk is full: free some space; until then events are buffered in memory and retried; nothing is sent twice',
    );
    // Every ten minutes, however many rooms and attempts there are.
    expect(said().length).toBeLessThanOrEqual(4);
    await pages(null);
    await app.listen(120_000);
    await app.pipeline.idle();
    await app.listen(60_000);
    expect(shown()).toHaveLength(500);
    expect(app.platform.requests).toHaveLength(500);
    app.pipeline.receive(post(501));
    await app.clock.advance(1_000);
    expect(said().at(-1)).toBe('info a.db works again: buffered events are being written');
  });

  it('does not prevent the deletion of old rows', async () => {
    await app.hear(...Array.from({ length: 50 }, (_, n) => post(n + 1)));
    await pages(0);
    await app.listen(10_000);
    const receivedAt = app.clock.now() + 31 * 86_400_000;
    app.clock.skip(31 * 86_400_000);
    await sql`update events set updated_at = ${new Date(receivedAt).toISOString()} where id = 50`.execute(app.db);
    await app.listen(120_000);
    expect(await app.db.selectFrom('deliveries').selectAll().execute()).toEqual([]);
  });
});

describe('a damaged database', () => {
  it('is reported with the way to repair it, and incoming events stay in memory', async () => {
    for (let id = 1; id <= 200; id++) app.pipeline.receive(post(id));
    await app.pipeline.idle();
    await app.clock.advance(1_000);
    await sql`pragma wal_checkpoint(truncate)`.execute(app.db);
    const descriptor = openSync(app.file, 'r+');
    for (let offset = 4_096; offset < statSync(app.file).size; offset += 4_096)
      writeSync(descriptor, Buffer.alloc(4_096, 0xab), 0, 4_096, offset);
    await sql`pragma shrink_memory`.execute(app.db);
    for (let id = 201; id <= 230; id++) app.pipeline.receive(post(id));
    await app.listen(5 * 60_000);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain('error a.db is damaged, or is not a database: stop Lookout, keep a copy');
    expect(said()[0]).toContain('`sqlite3 a.db .recover | sqlite3 new.db`');
    expect(app.pipeline.counts.received).toBe(200);
  });
});
