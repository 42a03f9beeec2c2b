import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import type { SendAction } from '../../src/adapters/adapter.ts';
import type { EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { itOnSqlite } from '../support/postgres/it-on-sqlite.ts';

const forum = 'matrix:!forum';

let rig: OutboxRig;
afterEach(() => rig.stop());

const actions = (): (SendAction | undefined)[] => rig.adapter.requests.map(({ action }) => action);
const deliver = (model: string, id: number, subject: string, object: EventObject = {}) => {
  const now = new Date(rig.clock.now()).toISOString();
  const row = { created_at: now, deleted_at: null, ...object };
  return rig.deliver(anEvent({ model, id, subject, receivedAt: rig.clock.now(), updatedAt: now, object: row }), [
    forum,
  ]);
};

/** The answer of a message that goes into the thread of another is lost. */
async function startWithThread(): Promise<void> {
  rig = await createOutboxRig({ rooms: [forum] });
  await deliver('posts', 1, 'post:1');
  rig.adapter.answers.push({ outcome: 'unknown', waitMs: 0, reason: '502' });
  await deliver('feedbacks', 5, 'post:1', { post_id: 1 });
}

describe('a room that gathers what is about one subject', () => {
  it('gets later messages about it in the thread of the first, after a restart too', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    await deliver('posts', 1, 'post:1');
    await deliver('posts', 2, 'post:2');
    rig = await rig.restart();
    await deliver('feedbacks', 5, 'post:1', { post_id: 1 });
    expect(actions()).toEqual([{ kind: 'create' }, { kind: 'create' }, { kind: 'thread', target: '$1' }]);
    expect(await rig.deliveries()).toEqual(['sent', 'sent', 'sent']);
  });

  it('gets them there from the newest of its messages on: a thread may have been replaced', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    for (let id = 1; id <= 3; id++) await deliver('feedbacks', id, 'post:1', { post_id: 1 });
    expect(actions()).toEqual([{ kind: 'create' }, { kind: 'thread', target: '$1' }, { kind: 'thread', target: '$2' }]);
  });

  it('edits a card where it stands', async () => {
    rig = await createOutboxRig({ rooms: [forum], options: { card: true } });
    await deliver('posts', 1, 'post:1', { title: 'Buy' });
    await rig.clock.advance(1_000);
    await deliver('feedbacks', 5, 'post:1', { post_id: 1, feedback_type: 'tp', user_id: 5 });
    await rig.clock.advance(2_000);
    expect(actions()).toEqual([{ kind: 'create' }, { kind: 'edit', target: '$1' }]);
  });

  it('is searched before a first message without an answer is sent again, since no key protects it', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    rig.adapter.answers.push({ outcome: 'unknown', waitMs: 0, reason: '502' });
    rig.adapter.finds.push({ outcome: 'found', platformId: '$there' });
    await deliver('posts', 1, 'post:1');
    await rig.clock.advance(2_000);
    expect([rig.adapter.requests.length, rig.adapter.lookups.length]).toEqual([1, 1]);
    expect(await rig.deliveries()).toEqual(['sent']);
  });

  it('is searched before a message in a thread is sent again: it may have begun another post', async () => {
    await startWithThread();
    rig.adapter.finds.push({ outcome: 'found', platformId: '$there' });
    await rig.clock.advance(2_000);
    expect([actions().length, rig.adapter.lookups.length]).toEqual([2, 1]);
    expect(await rig.deliveries()).toEqual(['sent', 'sent']);
  });

  it('gets a message again that cannot be searched for in a thread, where its key protects it', async () => {
    await startWithThread();
    rig.adapter.finds.push({ outcome: 'unreadable', reason: 'it has no mark' });
    await rig.clock.advance(2_000);
    expect(actions()).toHaveLength(3);
    expect(await rig.deliveries()).toEqual(['sent', 'sent']);
  });

  it('is sent more and more slowly while its threads give no clear answer', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    for (let id = 1; id <= 6; id++) await deliver('posts', id, `post:${id}`);
    rig.adapter.answerTo = () => ({ outcome: 'unknown', waitMs: 60_000, reason: '502' });
    for (let id = 1; id <= 6; id++) await deliver('feedbacks', id, `post:${id}`, { post_id: id });
    expect(actions().slice(6)).toEqual([
      { kind: 'thread', target: '$1' },
      { kind: 'thread', target: '$2' },
    ]);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(200_000);
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
  });

  it('is not asked to take more into its threads while it limits them', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    for (let id = 1; id <= 3; id++) await deliver('posts', id, `post:${id}`);
    rig.adapter.answerTo = () => ({ outcome: 'notAccepted', scope: 'change', waitMs: 9_000, reason: '429' });
    for (let id = 1; id <= 3; id++) await deliver('feedbacks', id, `post:${id}`, { post_id: id });
    expect(rig.adapter.requests).toHaveLength(4);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(10_000);
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
  });

  it('delays no first message while its threads are limited', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    await deliver('posts', 1, 'post:1');
    rig.adapter.answerTo = ({ action }) =>
      action?.kind === 'thread' ? { outcome: 'notAccepted', scope: 'change', waitMs: 9_000, reason: '429' } : null;
    await deliver('feedbacks', 5, 'post:1', { post_id: 1 });
    await deliver('posts', 2, 'post:2');
    expect(await rig.deliveries()).toEqual(['sent', 'waiting', 'sent']);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(10_000);
    expect(await rig.deliveries()).toEqual(['sent', 'sent', 'sent']);
  });

  itOnSqlite('finds the thread of a subject without reading the other messages of the room', async () => {
    rig = await createOutboxRig({ rooms: [forum] });
    const { rows } = await sql<{ detail: string }>`explain query plan select platform_id from messages
      where room_id = 1 and subject = 'post:1' and platform_id is not null and kind <> 'digest'
      order by id desc limit 1`.execute(rig.store.db);
    expect(rows.map(({ detail }) => detail)).toEqual([
      'SEARCH messages USING INDEX messages_subject (room_id=? AND subject=?)',
    ]);
  });
});
