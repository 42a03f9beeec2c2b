import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import { rowContentOf } from '../../src/outbox/compose/row-content.ts';
import { retryDeadLetter } from '../../src/outbox/rows/dead-letters.ts';
import { insertMute } from '../../src/rooms/mute-rows.ts';
import type { EventType } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { itOnSqlite } from '../support/postgres/it-on-sqlite.ts';
import { createScriptedAdapter, textMessage } from '../support/scripted-adapter.ts';

let rig: OutboxRig;
/** A message shows the title alone, beside the type. */
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig({
    compares: true,
    content: ({ object }) => textMessage(String(object.title)),
    render: ({ type, rowId, object }) => textMessage(`${type} ${rowId} ${object.title}`),
    ...options,
  });
};
afterEach(() => rig.stop());

let second = 0;
const row = (type: EventType, title: string, id = 1) =>
  anEvent({
    ...{ id, type },
    receivedAt: rig.clock.now(),
    updatedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second++)).toISOString(),
    object: { title, score: second },
  });
const repeats = (message: string) => `cancelled: it says the same as message ${message}, the last one about this row`;
const limited: SendResult = { outcome: 'notAccepted', scope: 'room', waitMs: 5_000, reason: '429' };
const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };
const rejected: SendResult = { outcome: 'rejected', reason: '50035' };
/** Ids of the messages in the room, in their order. */
const ids = async () => {
  const rows = await rig.store.db.selectFrom('messages').select('platform_id').orderBy('id').execute();
  return rows.map((one) => one.platform_id ?? '');
};

describe('an update that says the same as the last message about its row', () => {
  it('is not sent; one that says something else is, and one that says what an older message says', async () => {
    await start();
    for (const title of ['a', 'a', 'b', 'b', 'a']) await rig.deliver(row(second === 0 ? 'create' : 'update', title));
    await rig.deliver(row('update', 'a'));
    expect(rig.shown()).toEqual(['create 1 a', 'update 1 b', 'update 1 a']);
    const [first = '', other = '', last = ''] = await ids();
    expect(await rig.deliveries()).toEqual(['sent', repeats(first), 'sent', repeats(other), 'sent', repeats(last)]);
  });

  it('is sent if it is the first message about its row, or the last one said that the row was removed', async () => {
    await start();
    await rig.deliver(row('update', 'a'));
    await rig.deliver(row('update', 'a', 2));
    await rig.deliver(row('destroy', 'a'));
    await rig.deliver(row('update', 'a'));
    expect(rig.shown()).toEqual(['update 1 a', 'update 2 a', 'destroy 1 a', 'update 1 a']);
  });

  it('is sent in a room that has no message about the row, and not compared if its subscription does not want that', async () => {
    await start({ rooms: ['matrix:!a', 'matrix:!b'] });
    await rig.deliver(row('create', 'a'));
    await rig.deliver(row('update', 'a'), ['matrix:!a', 'matrix:!b']);
    expect([rig.shown('!a'), rig.shown('!b')]).toEqual([['create 1 a'], ['update 1 a']]);
    rig = await rig.restart({ compares: false });
    await rig.deliver(row('update', 'a'));
    expect(rig.shown('!a')).toEqual(['create 1 a', 'update 1 a']);
  });

  itOnSqlite('is found after a restart, with one step through an index', async () => {
    await start();
    await rig.deliver(row('create', 'a'));
    rig = await rig.restart();
    await rig.deliver(row('update', 'a'));
    expect(rig.shown()).toEqual(['create 1 a']);
    const plan = await sql<{ detail: string }>`explain query plan select d.content from deliveries d
      where d.room_id = 1 and d.row_key = 'posts 1' and d.subscription = 'test' and d.state = 'sent'
      order by d.message_id desc, d.slot desc limit 1`.execute(rig.store.db);
    expect(plan.rows.map(({ detail }) => detail)).toEqual([
      'SEARCH d USING INDEX deliveries_about_row (room_id=? AND row_key=?)',
    ]);
  });

  it('is not compared with a dead letter; after its retry it is', async () => {
    await start();
    rig.adapter.answers.push(rejected);
    await rig.deliver(row('create', 'a'));
    await rig.deliver(row('update', 'a'));
    expect(rig.shown()).toEqual(['update 1 a']);
    await retryDeadLetter(rig.store.db, 's1', rig.clock.now());
    rig.directory.wake([1]);
    await rig.clock.advance(0);
    await rig.deliver(row('update', 'a'));
    expect(rig.shown()).toEqual(['update 1 a', 'create 1 a']);
  });

  it('is not compared with what a mute stopped', async () => {
    let isMuted = true;
    await start({ mutedBy: async () => (isMuted ? '1' : null) });
    const mute = { roomId: 1, events: null, where: null, except: null, until: 9e15, author: 'x', reason: null, now: 0 };
    await rig.store.db.transaction().execute((trx) => insertMute(trx, mute));
    await rig.deliver(row('create', 'a'));
    isMuted = false;
    await rig.deliver(row('update', 'a'));
    expect(await rig.deliveries()).toEqual(['muted', 'sent']);
  });

  it('waits for a clear answer to the message that it may repeat', async () => {
    await start();
    rig.adapter.answers.push(unclear, rejected);
    await rig.deliver(row('create', 'a'));
    await rig.deliver(row('update', 'a'));
    expect(await rig.deliveries()).toEqual(['planned', 'waiting']);
    await rig.clock.advance(60_000);
    expect(await rig.deliveries()).toEqual(['dead: maybe sent; a repeat was rejected: 50035', 'sent']);
  });

  it('pings no one', async () => {
    await start({ options: { mention: ['@a:a.org'], mention_cooldown: 0 } });
    await rig.deliver(row('create', 'a'));
    await rig.deliver(row('update', 'a'));
    expect(rig.adapter.requests).toHaveLength(1);
  });
});

describe('an update that waits together with the message that it repeats', () => {
  const waitTogether = async (...types: readonly (readonly [EventType, string, number?])[]) => {
    rig.adapter.answers.push(limited);
    for (const [type, title, id] of types) await rig.deliver(row(type, title, id));
  };

  it('is left out of their common message, and what stands behind it comes later, in order', async () => {
    await start({ waves: { digestAbove: 1_000 } });
    await waitTogether(['create', 'a'], ['update', 'a'], ['update', 'b'], ['create', 'c', 2]);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['create 1 a + create 2 c', 'update 1 b']);
    const [first = ''] = await ids();
    expect(await rig.deliveries()).toEqual(['sent', repeats(first), 'sent', 'sent']);
  });

  it('goes into their common message if it says something else', async () => {
    await start({ waves: { digestAbove: 1_000 } });
    await waitTogether(['create', 'a'], ['update', 'b'], ['update', 'a']);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual(['create 1 a + update 1 b + update 1 a']);
  });

  it('is sent if that message becomes a dead letter', async () => {
    await start({ waves: { digestAbove: 1_000 } });
    await waitTogether(['create', 'a'], ['update', 'a'], ['create', 'c', 2]);
    rig.adapter.answerTo = ({ payload }) => (payload.includes('create 1') ? rejected : null);
    await rig.clock.advance(5_000);
    expect(rig.shown().toSorted()).toEqual(['create 2 c', 'update 1 a']);
    expect(await rig.deliveries()).toEqual(['dead: 50035', 'sent', 'sent']);
  });

  it('is left out of several messages that are stored together', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'later', waitMs: 5_000, reason: 'connection refused' });
    await start({ waves: null, adapter });
    // Enough for the room to find out that it may store several sends together.
    for (let id = 10; id < 17; id++) await rig.deliver(row('create', 'x', id));
    for (const [type, title, id] of [
      ['create', 'a'],
      ['update', 'a'],
      ['update', 'b'],
      ['create', 'c', 2],
    ] as const)
      await rig.deliver(row(type, title, id));
    await rig.clock.advance(5_000);
    expect(rig.shown().slice(7)).toEqual(['create 1 a', 'create 2 c', 'update 1 b']);
  });

  it('is sent after the digest of a wave, which does not show what its row said', async () => {
    await start({ waves: { digestAbove: 2 } });
    for (const id of [1, 2]) await rig.deliver(row('create', 'a', id));
    await rig.clock.advance(1_000);
    await rig.deliver(row('create', 'a', 3));
    expect(rig.shown().at(-1)).toContain('/post/3');
    await rig.clock.advance(61_000);
    await rig.deliver(row('update', 'a', 1));
    await rig.deliver(row('update', 'a', 3));
    expect(rig.shown().slice(3)).toEqual(['update 3 a']);
  });
});

describe('the content of a row', () => {
  it('is that of an update without the times of its arrival and its last change', () => {
    const times = { created_at: '2026-01-01T00:00:00.000Z', deleted_at: '2026-01-01T00:00:05.000Z' };
    const detector = { last_ping: '2026-01-01T00:00:09.000Z', last_post_title: 'b', name: 'd' };
    const event = anEvent({ type: 'create', origin: 'backfilled', object: { ...times, ...detector } });
    const content = rowContentOf(event);
    const { type, origin, updatedAt, receivedAt, object } = content;
    expect({ type, origin, updatedAt, receivedAt }).toEqual({
      ...{ type: 'update', origin: 'live', updatedAt: null, receivedAt: 0 },
    });
    expect(object).toEqual({ id: 1, updated_at: null, ...times, ...detector, last_ping: null });
    expect(rowContentOf(event)).toBe(content);
  });
});
