import { afterEach, expect, it } from 'vitest';
import { endCatchUp } from '../../src/ingest/store-event.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';

let rig: OutboxRig;
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig({ waves: { digestAbove: 1_000 }, ...options });
};
afterEach(() => rig.stop());

/** 30 posts were missed in two hours; all but the last two were deleted meanwhile. */
async function missed(): Promise<number> {
  const from = rig.clock.now() - 2 * 3_600_000;
  const catchUp = { from, until: rig.clock.now() + 60_000 };
  const of = (model: string, cls: string, id: number, post: number, object: object) =>
    anEvent({ model, class: cls, id, subject: `post:${post}`, object: { id, ...object } });
  for (let id = 1; id <= 30; id++) {
    const link = `//apple.stackexchange.com/q/${id}`;
    await rig.deliver(of('posts', 'Post', id, id, { title: `Buy ${id}`, link }), undefined, null, catchUp);
    if (id <= 28) {
      const deletion = of('deletion_logs', 'DeletionLog', id, id, { post_id: id, is_deleted: true });
      await rig.deliver(deletion, undefined, null, catchUp);
    }
  }
  return from;
}

it('a long gap is shown in one digest, with messages only for posts that still stand', async () => {
  await start();
  const from = await missed();
  expect(rig.shown()).toEqual([]);
  rig.directory.wake(await endCatchUp(rig.store.db, from, rig.clock.now()));
  await rig.clock.advance(0);
  const [digest = '', ...others] = rig.shown();
  expect(digest).toMatch(/^28 reports on apple\.stackexchange\.com missed in 2 h, 28 deleted\n/);
  for (let id = 1; id <= 28; id++) expect(digest).toContain(`${id} (https://metasmoke.erwaysoftware.com/post/${id})`);
  expect(others).toEqual(['posts#create 29', 'posts#create 30']);
  expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
});

it('its digest is sent even if the rest of it never comes', async () => {
  await start();
  await missed();
  await rig.clock.advance(61_000);
  expect(rig.shown()).toHaveLength(3);
});

it('its posts get a message each with `waves: off`', async () => {
  await start({ waves: null });
  const from = await missed();
  rig.directory.wake(await endCatchUp(rig.store.db, from, rig.clock.now()));
  await rig.clock.advance(0);
  expect(rig.shown()).toHaveLength(58);
});
