import { expect, it } from 'vitest';
import { createTestApp } from '../support/test-app.ts';

const at = '2026-01-02T03:04:05.000Z';
const row = (event_class: string, object: object) => ({
  event_type: 'create',
  event_class,
  object: { created_at: at, updated_at: at, ...object },
});

it('shows the post of a vote, a flag and a comment, and the names that events told', async () => {
  const app = await createTestApp({
    config: [
      'rooms: { here: "matrix:!here:a.org" }',
      'subscriptions: [{ events: posts#create;users#create;feedbacks#create;post_comments#create;flags#create, rooms: here }]',
    ].join('\n'),
  });
  await app.hear(
    row('Post', { id: 1, title: 'Buy now', link: '//superuser.com/q/1' }),
    row('User', { id: 5, username: 'Ann' }),
  );
  await app.listen(3_000);
  await app.hear(
    row('Feedback', { id: 2, post_id: 1, feedback_type: 'tp', user_id: 5, user_name: null }),
    row('PostComment', { id: 3, post_id: 1, user_id: 5, text: 'Again' }),
    row('Flag', { id: 4, post_id: 1, is_completed: false }),
    row('Feedback', { id: 9, post_id: 8, feedback_type: 'fp', user_id: 6, user_name: 'Bob' }),
  );
  await app.listen(6_000);
  const shown = app.platform.shown('!here:a.org').join('\n');
  expect(shown).toContain('tp by Ann: Buy now');
  expect(shown).toContain('Comment by Ann: Buy now');
  expect(shown).toContain('An admin is asked for: Buy now');
  expect(shown).toContain('fp by Bob on post 8');
});

it('shows the post of a review, which only its item names', async () => {
  const app = await createTestApp({
    config: [
      'rooms: { here: "matrix:!here:a.org" }',
      'subscriptions: [{ events: posts#create;review_items#create;review_results#create, rooms: here }]',
    ].join('\n'),
  });
  for (const sent of [
    row('Post', { id: 1, title: 'Buy now', link: '//superuser.com/q/1' }),
    row('ReviewItem', { id: 7, reviewable_type: 'Post', reviewable_id: 1, completed: false }),
    row('ReviewResult', { id: 8, review_item_id: 7, result: 'tp', user_id: 5 }),
  ]) {
    await app.hear(sent);
    await app.listen(3_000);
  }
  const shown = app.platform.shown('!here:a.org').join('\n');
  expect(shown).toContain('Review wanted: Buy now');
  expect(shown).toContain('Review: tp on Buy now');
});
