import { describe, expect, it } from 'vitest';
import type { EventObject } from '../../src/words.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const room = 'matrix:!a:a.org';
let app: TestApp;

async function start(events: string, more: { readonly template?: string; readonly text?: string } = {}) {
  const { template, text } = more;
  const subscription = { id: 's', events, rooms: room, ...(template !== undefined && { template }) };
  const files = text === undefined ? {} : { [`my-templates/${template}.hbs`]: text };
  app = await createTestApp({ config: `subscriptions: ${JSON.stringify([subscription])}`, files });
}

const shown = () => app.platform.shown('!a:a.org');
const time = (seconds = 0) => new Date(app.clock.now() - seconds * 1_000).toISOString();
const of = (event_class: string) => (event_type: string, object: EventObject) => ({
  ...{ event_type, event_class },
  object: { updated_at: time(), created_at: '2026-01-01T00:00:00.000Z', ...object },
});
const post = of('Post');
const row = {
  ...{ id: 1, title: 'Buy pills', link: '//a.stackexchange.com/a/1', username: 'x', user_reputation: 1 },
  ...{ is_tp: null, is_fp: null, is_naa: null, deleted_at: null },
};
const vote = { id: 5, post_id: 1, user_id: 7, feedback_type: 'tp-', user_name: 'Ann' };

describe('with the shipped templates', () => {
  it('the life of a report is as many messages as there is news', async () => {
    await start('posts;feedbacks');
    await app.hear(post('create', { ...row, native_id: null }));
    await app.listen(2_000);
    await app.hear(post('update', { ...row, native_id: 1 }));
    await app.listen(9_000);
    await app.hear(of('Feedback')('create', vote));
    await app.listen(1_000);
    await app.hear(of('Feedback')('update', { ...vote, api_key_id: 3 }));
    await app.hear(
      post('update', { ...row, is_tp: true, score: 1 }),
      post('update', { ...row, is_tp: true, score: 2 }),
    );
    await app.listen(9_000);
    const deleted = { ...row, is_tp: true, deleted_at: time() };
    await app.hear(of('DeletionLog')('create', { id: 6, post_id: 1, is_deleted: true }));
    await app.hear(post('update', deleted));
    await app.listen(70_000);
    await app.hear(post('update', { ...deleted, score: -1 }));
    expect(shown().map((text) => text.split('\n')[0])).toEqual([
      expect.stringContaining('🚨 Buy pills'),
      expect.stringContaining('🔴 tp- by Ann: Buy pills'),
      expect.stringContaining('🔴 Buy pills'),
      expect.stringContaining('⚫ Buy pills'),
    ]);
  });

  it.each([
    ['a ping of a detector', 'SmokeDetector', { id: 1, name: 'd', location: 'here', is_standby: false }, 'last_ping'],
    ['a look-up of a site', 'Site', { id: 1, site_name: 'Stack Overflow' }, 'last_users_update'],
    ['a save without changes', 'Announcement', { id: 1, text: 'hello' }, 'updated_at'],
  ])('%s says nothing new', async (_, name, object, column) => {
    await start('smoke_detectors;sites;announcements');
    for (let n = 0; n < 3; n++) {
      await app.hear(of(name)('update', { ...object, [column]: time() }));
      await app.listen(60_000);
    }
    expect(shown()).toHaveLength(1);
  });

  it('a second deletion is news, although its message looks the same', async () => {
    await start('posts');
    const deletion = (id: number, isDeleted: boolean) =>
      of('DeletionLog')('create', { id, post_id: 1, is_deleted: isDeleted, created_at: time() });
    await app.hear(post('create', row), deletion(1, true), post('update', { ...row, deleted_at: time() }));
    await app.listen(20_000);
    await app.hear(deletion(2, false), deletion(3, true), post('update', { ...row, deleted_at: time() }));
    const [, first = '', second] = shown();
    expect([first, shown().length]).toEqual([expect.stringContaining('deleted just now'), 3]);
    expect(second).toBe(first);
  });
});

it('a template that shows another column has other news', async () => {
  await start('posts', { template: 't', text: '{{event.type}} {{object.score}} {{event.received_at}}' });
  for (const score of [0, 0, 1]) {
    await app.listen(1_000);
    await app.hear(post(shown().length === 0 ? 'create' : 'update', { ...row, score }));
  }
  expect(shown().map((text) => text.slice(0, 8))).toEqual(['create 0', 'update 1']);
});

it('an update behind a derived event, or behind the message of another subscription, is news', async () => {
  await start('posts#create,update,deleted');
  await app.hear(post('create', row));
  const deletion = of('DeletionLog');
  await app.hear(deletion('create', { id: 1, post_id: 1, is_deleted: true, created_at: time() }));
  await app.listen(3_000);
  await app.hear(deletion('create', { id: 2, post_id: 1, is_deleted: false, created_at: time() }));
  await app.hear(post('update', { ...row, native_id: 1 }));
  await app.listen(9_000);
  expect(shown().map((text) => text.slice(0, 2).trim())).toEqual(['🚨', '⚫', '📝']);
});

it('another report of the same author does not make an update of the first one news', async () => {
  await start('posts');
  const user_link = '//a.stackexchange.com/users/3/x';
  await app.hear(post('create', { ...row, user_link }));
  await app.hear(post('create', { ...row, id: 2, link: '//a.stackexchange.com/a/2', user_link }));
  await app.listen(3_000);
  await app.hear(post('update', { ...row, user_link, native_id: 1 }));
  await app.listen(9_000);
  expect(shown()).toHaveLength(2);
});
