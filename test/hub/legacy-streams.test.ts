import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../src/hub/hub.ts';
import type { CableSocket } from './cable-socket.ts';
import { identify } from './cable-socket.ts';
import { event, startTestHub } from './test-hub.ts';

const post = (id: number, more: WireEvent['object'] = {}) =>
  event('Post', 'create', { id, title: 'Buy', link: `//stackoverflow.com/a/${id}`, body: 'x'.repeat(50), ...more });
const ann = event('User', 'create', { id: 5, username: 'Ann', stackexchange_chat_id: 11, stackoverflow_chat_id: null });
const vote = (id: number, more: WireEvent['object'] = {}, type: WireEvent['event_type'] = 'create') =>
  event('Feedback', type, { id, post_id: 1, feedback_type: 'tpu-', user_id: 5, user_name: null, ...more });
const flag = (id: number, more: WireEvent['object'] = {}) =>
  event('FlagLog', 'create', { id, post_id: 1, user_id: 5, success: true, is_auto: true, flag_type: 'spam', ...more });

/** Starts a hub that serves the legacy streams, with a client that names no events, as FIRE and AIM do. */
async function start() {
  const test = await startTestHub({ servesLegacy: true });
  const client = await test.connect();
  expect(await client.subscribe(JSON.stringify({ channel: 'ApiChannel', key: test.key }))).toBe('confirm_subscription');
  return { ...test, client };
}
const next = async (client: CableSocket) => (await client.next()).json.message;

describe('a client that names no events', () => {
  it('is sent a feedback with the link of its post, the name and the sign', async () => {
    const { hub, client } = await start();
    for (const one of [post(1), ann, vote(1), vote(2, { feedback_type: 'fp-', user_name: 'Bob', user_id: null })])
      hub.publish(one);
    expect(await next(client)).toEqual({
      feedback: {
        post_link: '//stackoverflow.com/a/1',
        feedback_type: 'tpu-',
        user_name: 'Ann',
        app_name: null,
        symbol: '&#x2713;',
      },
    });
    expect(await next(client)).toMatchObject({ feedback: { user_name: 'Bob', symbol: '&#x2717;' } });
  });

  it('is sent a feedback whose name follows once, with the name', async () => {
    const { hub, client, clock } = await start();
    for (const one of [
      post(1),
      vote(1),
      vote(1, { user_name: 'Ann' }, 'update'),
      vote(1, { user_name: 'Ann' }, 'update'),
    ])
      hub.publish(one);
    hub.publish(vote(2, { user_id: 6 }));
    await clock.advance(1_000);
    expect(await next(client)).toMatchObject({ feedback: { user_name: 'Ann' } });
    expect(await next(client)).toMatchObject({ feedback: { user_name: null } });
    expect(client.unheard).toEqual([]);
  });

  it('is sent an autoflag with its user and the post, with all flags and votes, without its long texts', async () => {
    const { hub, client } = await start();
    for (const one of [post(1), ann, vote(1), flag(3, { is_auto: false }), flag(4)]) hub.publish(one);
    await client.next();
    const user = { stackexchange_chat_id: 11, meta_stackexchange_chat_id: null, stackoverflow_chat_id: null };
    expect(await next(client)).toEqual({
      flag_log: {
        post_link: '//stackoverflow.com/a/1',
        user_name: 'Ann',
        user: { user_name: 'Ann', ...user },
        post: {
          id: 1,
          title: 'Buy',
          link: '//stackoverflow.com/a/1',
          count_tp: 1,
          count_fp: 0,
          count_naa: 0,
          autoflagged: { flagged: true, names: ['Ann'], users: [{ username: 'Ann', ...user }] },
          manual_flags: { users: [{ username: 'Ann', ...user }] },
          feedbacks: [{ feedback_type: 'tpu-', user_name: 'Ann' }],
        },
      },
    });
  });

  it('is sent deletions, but not undeletions, and statistics', async () => {
    const { hub, client } = await start();
    hub.publish(post(1));
    hub.publish(event('DeletionLog', 'create', { id: 1, post_id: 1, is_deleted: false }));
    hub.publish(event('DeletionLog', 'create', { id: 2, post_id: 1, is_deleted: true }));
    hub.publish(event('Statistic', 'create', { id: 3, posts_scanned: 9 }));
    expect(await next(client)).toEqual({ deletion_log: { post_link: '//stackoverflow.com/a/1' } });
    expect(await next(client)).toEqual({ statistic: { id: 3, posts_scanned: 9 } });
  });

  it('gets only autoflags that stand, and no events', async () => {
    const { hub, client } = await start();
    for (const more of [{ success: false }, { is_auto: false }, { is_dry_run: true }, { flag_type: 'other' }])
      hub.publish(flag(4, more));
    hub.publish(vote(1));
    hub.publish(vote(1, {}, 'destroy'));
    hub.publish(event('Statistic', 'create', { id: 3 }));
    expect(await next(client)).toEqual({ statistic: { id: 3 } });
  });

  it('is not sent what needs a post that no event told, and the log says so', async () => {
    const { hub, client, logged } = await start();
    hub.publish(flag(4));
    hub.publish(vote(1, { user_name: 'Ann', post_link: '//superuser.com/q/2' }));
    expect(await next(client)).toMatchObject({ feedback: { post_link: '//superuser.com/q/2' } });
    expect(logged.filter((line) => line.includes('left out a message of the legacy streams'))).toHaveLength(1);
  });

  it('shares the socket with subscriptions to events', async () => {
    const { hub, client, key } = await start();
    await client.subscribe(identify(key, 'statistics'));
    hub.publish(event('Statistic', 'create', { id: 3 }));
    const messages = [await next(client), await next(client)];
    expect(messages).toContainEqual({ statistic: { id: 3 } });
    expect(messages).toContainEqual({ event_type: 'create', event_class: 'Statistic', object: { id: 3 } });
  });

  it('leaves nothing waiting when the hub stops', async () => {
    const { hub, clock } = await start();
    hub.publish(vote(1));
    await hub.stop();
    expect(clock.pending).toBe(0);
  });

  it('is rejected if its events are no text, as by any hub', async () => {
    const { client, key } = await start();
    expect(await client.subscribe(identify(key, ['posts']))).toBe('reject_subscription');
  });
});
