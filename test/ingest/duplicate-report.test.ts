import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { storeAbsence } from '../../src/ingest/details/store-details.ts';
import { storeBatch } from '../../src/ingest/store-batch.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { anEvent } from '../support/events.ts';
import { aNewDelivery, aNewEvent } from '../support/new-event.ts';
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

it('two that were fetched together are one message only if the second was reported soon after the first', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  const fetched = (id: number, link: string, minutes: number) => {
    const created_at = new Date(Date.parse('2026-01-02T03:00:00Z') + minutes * 60_000).toISOString();
    return { ...report(id, link), origin: 'backfilled' as const, object: { id, link, created_at } };
  };
  await rig.deliver(fetched(1, '//stackoverflow.com/a/1', 0));
  await rig.deliver(fetched(2, '//stackoverflow.com/a/1', 9));
  await rig.deliver(fetched(3, '//stackoverflow.com/a/3', 0));
  await rig.deliver(fetched(4, '//stackoverflow.com/a/3', 11));
  expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 3', 'posts#create 4']);
});

it('a report that the API denied stands for no later one, and a newer report stands for no older one', async () => {
  rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
  await rig.deliver(report(1, '//stackoverflow.com/a/1'));
  await rig.store.db.transaction().execute((trx) => storeAbsence(trx, 'post:1', rig.clock.now()));
  await rig.deliver(report(2, '//stackoverflow.com/a/1'));
  const old = { created_at: new Date(rig.clock.now() - 5 * 3_600_000).toISOString() };
  const late = report(3, '//stackoverflow.com/a/1');
  await rig.deliver({ ...late, object: { ...late.object, ...old } });
  expect(rig.shown()).toEqual(['posts#create 1', 'posts#create 2', 'posts#create 3']);
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

it('reports cost with merging at most five times what they cost without', async () => {
  const timed = async (options: { readonly merge_reports?: number }) => {
    rig = await createOutboxRig({ options });
    const events = Array.from({ length: 500 }, (_, id) => report(id, `//stackoverflow.com/a/${id % 250}`));
    await rig.kill();
    const began = cpuNow();
    for (const event of events) await rig.deliver(event);
    const tookMs = cpuNow() - began;
    await rig.stop();
    return tookMs;
  };
  // The quicker of two, in turn.
  const without: number[] = [];
  const merged: number[] = [];
  for (let run = 0; run < 2; run++) {
    without.push(await timed({}));
    merged.push(await timed({ merge_reports: 600_000 }));
  }
  expect(Math.min(...merged)).toBeLessThan(5 * Math.min(...without));
});

describe('a report that was left out', () => {
  const link = '//stackoverflow.com/a/1';
  const at = () => new Date(rig.clock.now()).toISOString();
  const about = (post: number, model: string, id: number, object: EventObject = {}, type: Event['type'] = 'create') =>
    anEvent({
      ...{ model, id, type, subject: `post:${post}`, receivedAt: rig.clock.now(), updatedAt: at() },
      object: { ...(model === 'posts' ? { link } : { post_id: post }), created_at: at(), ...object },
    });
  const vote = (id: number, post: number, verdict = 'tp') =>
    about(post, 'feedbacks', id, { feedback_type: verdict, user_id: id });
  const destroy = (post: number) => about(post, 'posts', post, {}, 'destroy');
  const card = (post: number, fate: string, tp = 0, fp = 0) => `card post:${post}: ${fate}, tp ${tp} fp ${fp}`;
  const startCards = async () => {
    rig = await createOutboxRig({ options: { merge_reports: 600_000, card: true } });
  };
  /** Lets edits go out. */
  const later = () => rig.clock.advance(2_000);

  it('is shown by the card of the first: votes, flags and deletions that come for it', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(report(2, `https:${link}`));
    await rig.deliver(vote(3, 2));
    await rig.deliver(vote(4, 1, 'fp'));
    await later();
    expect(rig.shown()).toEqual([card(1, 'stands', 1, 1)]);
    await rig.deliver(about(2, 'deletion_logs', 5));
    await later();
    expect(rig.shown()).toEqual([card(1, 'deleted', 1, 1)]);
    const [, cancelled, ...others] = await rig.deliveries();
    expect(cancelled).toBe('cancelled: the same post was reported as post:1 before');
    expect(others).toEqual(['sent: its card shows it', 'sent: its card shows it', 'sent: its card shows it']);
  });

  it('is shown by it also in a batch, and in a room without the first by a card of its own', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(report(2, link), ['matrix:!a', 'matrix:!b']);
    const rooms = ['matrix:!a', 'matrix:!b'].map((address) => rig.directory.roomId(address) ?? -1);
    const deliveries = rooms.map((roomId) => aNewDelivery(roomId, { subscription: 'test' }));
    const options = { derivedFrom: async () => [], mayDerive: () => false, clock: rig.clock };
    const { db } = rig.store;
    await db.transaction().execute((trx) => storeBatch(trx, [aNewEvent(vote(3, 2), { deliveries })], options));
    const rows = await db.selectFrom('deliveries').select('subject').orderBy('id', 'desc').limit(2).execute();
    expect(rows.map(({ subject }) => subject)).toEqual(['post:2', 'post:1']);
    expect(rig.shown('!b')).toEqual([card(2, 'stands')]);
  });

  it('is shown by it also with what came for it before its report', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(vote(3, 2), ['matrix:!a'], rig.clock.now() + 500);
    await rig.deliver(report(2, link));
    await later();
    expect(rig.shown()).toEqual([card(1, 'stands', 1)]);
  });

  it('leaves messages of its own where there is no card', async () => {
    rig = await createOutboxRig({ options: { merge_reports: 600_000 } });
    await rig.deliver(report(1, link));
    await rig.deliver(report(2, link));
    await rig.deliver(vote(3, 2));
    await rig.deliver(destroy(1));
    expect(rig.shown()).toEqual(['posts#create 1', 'feedbacks#create 3', 'posts#destroy 1']);
  });

  it('gets a card when the first is removed, one for all that were left out, if the post still stands', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(report(2, link));
    await rig.deliver(report(3, link));
    await rig.deliver(destroy(1), []);
    await later();
    expect(rig.shown()).toEqual([card(1, 'removed'), card(2, 'stands')]);
    await rig.deliver(vote(4, 2));
    await rig.deliver(vote(5, 3));
    await later();
    expect(rig.shown()).toEqual([card(1, 'removed', 2), card(2, 'stands', 2)]);
    // Now that one is removed, too.
    await rig.deliver(destroy(2), []);
    await later();
    expect(rig.shown()).toEqual([card(1, 'removed', 2), card(2, 'removed', 2), card(3, 'stands', 2)]);
  });

  it('gets a card when the API turns out not to have the first', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(report(2, link));
    const rooms = await rig.store.db.transaction().execute((trx) => storeAbsence(trx, 'post:1', rig.clock.now()));
    rig.directory.wake(rooms);
    await later();
    expect(rig.shown()).toEqual([card(1, 'stands'), card(2, 'stands')]);
  });

  it('gets none if the post is deleted or a false positive by then, or if the report is older than a day', async () => {
    await startCards();
    const endings = [
      () => rig.deliver(about(1, 'deletion_logs', 5), []),
      () => rig.deliver(vote(6, 2, 'fp'), []),
      () => rig.clock.advance(25 * 3_600_000),
    ];
    for (const ending of endings) {
      await rig.stop();
      await startCards();
      await rig.deliver(report(1, link));
      await rig.deliver(report(2, link));
      await ending();
      await rig.deliver(destroy(1), []);
      await later();
      expect(rig.shown()).toHaveLength(1);
    }
  });

  it('comes in place of a first that is removed before a message shows it, at the end of its own hold', async () => {
    rig = await createOutboxRig({ options: { merge_reports: 600_000, hold: 60_000 } });
    await rig.deliver(report(1, link));
    await rig.clock.advance(30_000);
    await rig.deliver(report(2, link));
    await rig.deliver(destroy(1), []);
    await rig.clock.advance(45_000);
    expect(rig.shown()).toEqual([]);
    expect(await rig.deliveries()).toEqual(['cancelled: removed, and reported as post:2, too', 'waiting: held']);
    await rig.clock.advance(20_000);
    expect(rig.shown()).toEqual(['posts#create 2']);
  });

  it('is one only while the first is on metasmoke', async () => {
    await startCards();
    await rig.deliver(report(1, link));
    await rig.deliver(destroy(1), []);
    await rig.deliver(report(2, link));
    await later();
    expect(rig.shown()).toEqual([card(1, 'removed'), card(2, 'stands')]);
  });
});
