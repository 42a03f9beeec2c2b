import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../../src/adapters/adapter.ts';
import type { EventObject } from '../../../src/words.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../../support/outbox-rig.ts';

let rig: OutboxRig;
const waves = { digestAbove: 6 };
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig({ waves, ...options });
};
afterEach(() => rig.stop());

const rejected: SendResult = { outcome: 'rejected', reason: '10008' };
const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };

const report = (id: number, object: EventObject = {}) =>
  anEvent({
    id,
    subject: `post:${id}`,
    receivedAt: rig.clock.now(),
    object: { id, title: `Buy ${id}`, link: `//apple.stackexchange.com/q/${id}`, ...object },
  });
const deletion = (id: number) =>
  anEvent({
    id: id + 1_000,
    model: 'deletion_logs',
    class: 'DeletionLog',
    subject: `post:${id}`,
    receivedAt: rig.clock.now(),
    object: { id: id + 1_000, post_id: id, is_deleted: true },
  });

async function reports(from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id++) await rig.deliver(report(id));
}

/** Calls in a row that the rate is looked at anew. */
async function aSecondLater(): Promise<void> {
  await rig.clock.advance(1_000);
}

describe('a wave', () => {
  it('is shown in one digest that grows, and each event knows its message', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 9);
    const shown = rig.shown();
    expect(shown).toHaveLength(7);
    expect(shown.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6].map((id) => `posts#create ${id}`));
    expect(shown[6]).toMatch(/^3 reports on apple\.stackexchange\.com\n/);
    for (const id of [7, 8, 9]) expect(shown[6]).toContain(`https://metasmoke.erwaysoftware.com/post/${id}`);
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
    const rows = await rig.store.db
      .selectFrom('deliveries')
      .innerJoin('messages', 'messages.id', 'message_id')
      .select(['slot', 'kind', 'platform_id'])
      .orderBy('deliveries.id')
      .execute();
    expect(rows.slice(6).map(({ slot, kind }) => [slot, kind])).toEqual([
      [0, 'digest'],
      [1, 'digest'],
      [2, 'digest'],
    ]);
    expect(new Set(rows.slice(6).map((row) => row.platform_id)).size).toBe(1);
  });

  it('shows the fate of the posts', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 8);
    await rig.deliver(deletion(7));
    const [digest] = rig.shown().slice(6);
    expect(digest).toMatch(/^2 reports on apple\.stackexchange\.com, 1 deleted\n/);
    expect(digest).toContain('Deleted: 7 (https://metasmoke.erwaysoftware.com/post/7)');
    expect(digest).toContain('- Buy 8 (https://metasmoke.erwaysoftware.com/post/8) · apple.stackexchange.com');
  });

  it('is over after the rate fell: then each event gets a message of its own again', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 9);
    await rig.clock.advance(61_000);
    await reports(10, 10);
    expect(rig.shown().at(-1)).toBe('posts#create 10');
  });

  it('goes on in a new message if one is full; an earlier one is redrawn if something happens to its posts', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 60);
    const digests = rig.shown().slice(6);
    expect(digests.length).toBeGreaterThan(1);
    for (let id = 7; id <= 60; id++)
      expect(
        digests.filter((text) => text.includes(`/post/${id})`)),
        `post ${id}`,
      ).toHaveLength(1);
    const waveOf = await rig.store.db.selectFrom('messages').select('wave').where('wave', 'is not', null).execute();
    expect(new Set(waveOf.map((row) => row.wave)).size).toBe(1);
    await rig.clock.advance(6_000);
    await rig.deliver(deletion(7));
    await rig.clock.advance(10_000);
    rig.directory.wake([1]);
    await rig.clock.advance(0);
    expect(rig.shown()[6]).toContain('Deleted: 7');
  });

  it('begins a new digest if somebody deleted the one that grew, and loses nothing', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 7);
    rig.adapter.answers.push(rejected);
    await reports(8, 8);
    expect(rig.shown()).toHaveLength(8);
    expect(rig.shown().at(-1)).toContain('/post/8');
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
  });

  it('delays no other message while it is not known whether the digest was changed', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 7);
    rig.adapter.answers.push(unclear);
    await reports(8, 8);
    await reports(9, 9);
    expect(rig.shown().at(-1)).toContain('/post/9');
    await rig.clock.advance(10_000);
    expect(rig.shown()[6]).toContain('/post/8');
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
  });

  it('goes on after kill -9, in the message that grew', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    await reports(7, 8);
    rig = await rig.restart();
    await reports(9, 9);
    expect(rig.shown()).toHaveLength(7);
    for (const id of [7, 8, 9]) expect(rig.shown()[6]).toContain(`/post/${id})`);
  });

  it('shows hostile titles as text, and drops none', async () => {
    await start();
    await reports(1, 6);
    await aSecondLater();
    for (let id = 7; id <= 30; id++) await rig.deliver(report(id, { title: '*'.repeat(400) }));
    const digests = rig.shown().slice(6);
    for (let id = 7; id <= 30; id++) expect(digests.filter((text) => text.includes(`/post/${id})`))).toHaveLength(1);
  });
});
