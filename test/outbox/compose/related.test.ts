import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enqueue } from '../../../src/ingest/store-event.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { createReadRelated, type ReadRelated } from '../../../src/outbox/compose/related.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import type { Event, EventObject } from '../../../src/words.ts';
import { anEvent } from '../../support/events.ts';
import { aNewEvent } from '../../support/new-event.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';

let store: Store;
let clock: TestClock;
let read: ReadRelated;
beforeEach(async () => {
  store = await openStore(':memory:');
  clock = createTestClock();
  read = createReadRelated({ db: store.db, catalogue: createCatalogue(), clock });
});
afterEach(() => store.close());

const arrives = async (...events: readonly Event[]) => {
  for (const event of events) await store.db.transaction().execute((trx) => enqueue(trx, aNewEvent(event)));
};
const row = (model: string, subject: string, object: EventObject, more: Parameters<typeof anEvent>[0] = {}) =>
  anEvent({ model, id: Number(subject.split(':')[1]), subject, object, ...more });
const vote = (object: EventObject = {}) =>
  anEvent({ model: 'feedbacks', id: 9, subject: 'post:1', object: { post_id: 1, ...object } });

describe('what the store knows about an event', () => {
  it('is the newest values of its post, also of columns that a fetched row does not have', async () => {
    const later = '2026-01-02T03:05:00.000Z';
    await arrives(
      row('posts', 'post:1', { title: 'Buy', link: '//stackoverflow.com/a/1', site_id: 7, body: 'long' }),
      row('posts', 'post:1', { title: 'Bought' }, { type: 'update', updatedAt: later }),
    );
    const { post } = await read(vote(), ['post']);
    expect(post).toMatchObject({ title: 'Bought', link: '//stackoverflow.com/a/1' });
    expect(post).not.toHaveProperty('body');
  });

  it('is nothing about a post that no event brought', async () => {
    expect(await read(vote(), ['post', 'site', 'related', 'flaggers'])).toEqual({
      post: null,
      site: null,
      author: null,
      related: {},
      flaggers: null,
    });
  });

  it('is the site of the post, or of the row itself', async () => {
    const site = { id: 7, name: 'Super User', domain: 'superuser.com', logo: null, fetched_at: 0 };
    await store.db.insertInto('sites').values(site).execute();
    await arrives(row('posts', 'post:1', { site_id: 7 }));
    const shown = { name: 'Super User', domain: 'superuser.com', logo: null };
    expect(await read(vote(), ['site'])).toMatchObject({ site: shown });
    const moderator = row('moderator_sites', 'moderator_site:3', { site_id: 7 });
    expect(await read(moderator, ['site'])).toMatchObject({ site: shown });
  });

  it('is the newest row of each id in its own row', async () => {
    await arrives(
      row('users', 'user:5', { username: 'Ann' }),
      row('users', 'user:5', { username: 'Anna' }, { type: 'update' }),
      row('spam_domains', 'spam_domain:5', { domain: 'evil.example' }),
      row('smoke_detectors', 'smoke_detector:5', { name: 'ann/attic' }),
    );
    const of = async (object: EventObject) => (await read(row('things', 'thing:1', object), ['related'])).related;
    expect(await of({ user_id: 5, smoke_detector_id: 5, site_id: null })).toMatchObject({
      user: { username: 'Anna' },
      smoke_detector: { name: 'ann/attic' },
    });
    expect(await of({ reportable_type: 'SpamDomain', reportable_id: 5 })).toMatchObject({
      reportable: { domain: 'evil.example' },
    });
    const link = row('domain_links', 'domain_link:1', { creator_id: 5, left_id: 5, right_id: 6 });
    expect((await read(link, ['related'])).related).toEqual({
      creator: expect.objectContaining({ username: 'Anna' }),
      left: expect.objectContaining({ domain: 'evil.example' }),
    });
    const poster = row('stack_exchange_users', 'stack_exchange_user:1', { user_id: 5 });
    expect((await read(poster, ['related'])).related).toEqual({});
    expect(await of({ user_id: 'x y', other_id: 5, names: ['user_id'] })).toEqual({});
  });

  it('is the name of a user in a vote, if no row of the user told it', async () => {
    const of = (parts: EventObject, id: number) =>
      anEvent({ model: 'feedbacks', id, subject: 'post:1', object: { post_id: 1, ...parts } });
    await arrives(
      of({ user_id: 5, user_name: 'Ann' }, 1),
      of({ user_id: 5, user_name: null }, 2),
      of({ user_id: 6, user_name: 'Bob' }, 3),
    );
    const comment = (user: number) =>
      anEvent({ model: 'post_comments', id: 9, subject: 'post:1', object: { post_id: 1, user_id: user } });
    expect(await read(comment(5), ['related'])).toMatchObject({ related: { user: { username: 'Ann' } } });
    expect((await read(comment(7), ['related'])).related).toEqual({});
    await arrives(row('users', 'user:5', { username: 'Anna' }));
    expect(await read(comment(5), ['related'])).toMatchObject({ related: { user: { username: 'Anna' } } });
  });

  it('is the post that a row names by its type and id', async () => {
    await arrives(row('posts', 'post:1', { title: 'Buy' }));
    const report = row('abuse_reports', 'abuse_report:2', { reportable_type: 'Post', reportable_id: 1 });
    expect(await read(report, ['post'])).toMatchObject({ post: { title: 'Buy' } });
  });

  it('is the names of those who flagged, once they were fetched', async () => {
    const details = { subject: 'post:1', site_id: null, reasons: null, flaggers: '{"9":"Ann"}', fetched_at: 0 };
    await store.db.insertInto('post_details').values(details).execute();
    expect(await read(vote(), ['flaggers'])).toMatchObject({ flaggers: { 9: 'Ann' } });
  });

  it('is read once for all rooms, and again a second later', async () => {
    const event = vote();
    const first = await read(event, ['post']);
    expect(await read(event, ['post'])).toBe(first);
    await arrives(row('posts', 'post:1', { title: 'Buy' }));
    await clock.advance(1_000);
    const again = await read(event, ['post']);
    expect(again).toMatchObject({ post: { title: 'Buy' } });
    // The same object while nothing changes: its message is not drawn again for a room that is behind.
    await clock.advance(1_000);
    expect(await read(event, ['post'])).toBe(again);
  });
});
