import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

const report = (id: number, link: string) =>
  anEvent({ id, subject: `post:${id}`, receivedAt: rig.clock.now(), object: { id, link } });

it('two reports of one link within the time are one message', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  await rig.deliver(report(1, '//stackoverflow.com/a/1'));
  await rig.deliver(report(2, '//stackoverflow.com/a/1'));
  await rig.deliver(report(3, '//stackoverflow.com/a/3'));
  expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 3']);
  expect(await rig.deliveries()).toEqual(['sent', 'cancelled: the same post was reported as post:1 before', 'sent']);
  await rig.clock.advance(700_000);
  await rig.deliver(report(4, '//stackoverflow.com/a/1'));
  expect(rig.shown()).toHaveLength(3);
});

it('a room that did not get the first gets the second', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  await rig.deliver(report(1, '//stackoverflow.com/a/1'), ['matrix:!b']);
  await rig.deliver(report(2, '//stackoverflow.com/a/1'), ['matrix:!a', 'matrix:!b']);
  expect(rig.shown('!a')).toEqual(['posts#create 2']);
  expect(rig.shown('!b')).toEqual(['posts#create 1']);
});

it('without the option each report is a message', async () => {
  rig = await createOutboxRig();
  await rig.deliver(report(1, '//stackoverflow.com/a/1'));
  await rig.deliver(report(2, '//stackoverflow.com/a/1'));
  expect(rig.shown()).toHaveLength(2);
});

it('a report that a mute stopped, or that became a dead letter, does not stand for a later one', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  for (const [index, state] of (['muted', 'dead', 'cancelled', 'sent'] as const).entries()) {
    await rig.deliver(report(index, '//stackoverflow.com/a/1'));
    await rig.store.db.updateTable('deliveries').set({ state }).where('subject', '=', `post:${index}`).execute();
  }
  await rig.deliver(report(5, '//stackoverflow.com/a/1'));
  expect(await rig.deliveries()).toEqual([
    'muted',
    'dead',
    'cancelled',
    'sent',
    'cancelled: the same post was reported as post:3 before',
  ]);
});

it('the reports of one link are found by an index, however many there are', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  const { rows } = await sql<{ detail: string }>`explain query plan
    select d.id from deliveries as d where d.room_id = 1 and d.link = 'a' and d.state in ('waiting', 'planned', 'sent')
    order by d.id desc limit 1`.execute(rig.store.db);
  expect(rows.map(({ detail }) => detail)).toEqual(['SEARCH d USING INDEX deliveries_link (room_id=? AND link=?)']);
});

it('2,000 reports cost with merging at most five times what they cost without', async () => {
  const timed = async (options: { readonly merge_reports?: number }) => {
    rig = await createOutboxRig({ options });
    const events = Array.from({ length: 2_000 }, (_, id) => report(id, `//stackoverflow.com/a/${id % 1_000}`));
    const began = performance.now();
    await rig.kill();
    for (const event of events) await rig.deliver(event);
    const tookMs = performance.now() - began;
    await rig.stop();
    return tookMs;
  };
  const withoutMs = await timed({});
  expect(await timed({ merge_reports: 600_000 })).toBeLessThan(5 * withoutMs);
});
