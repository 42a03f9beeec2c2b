import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { before, changed, keyChanges, type Tree } from '../reload/key-changes.ts';
import { createTestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** Interval between two posts, ms: each is a create and an update. */
const EVERY_MS = 20;

/** The configuration, with a subscription of a room that nothing changes and an API that does not answer. */
function base(): Tree {
  const { discord: _, ...chats } = before.chats as Tree;
  const rooms = { ...(before.rooms as Tree), all: { to: 'matrix:!all:a.org', waves: 'off' } };
  const all = { events: 'posts', rooms: ['all'], template: 'mark', id: 'all' };
  const subscriptions = [...(before.subscriptions as Tree[]), all];
  const source = { ...(before.source as Tree), api: 'http://127.0.0.1:9/api' };
  return { ...before, source, chats, rooms, subscriptions, reload: 'off' };
}

const at = (tree: Tree) => (url: string) => JSON.stringify(changed(tree, { at: 'source.url', to: url }));

it('loses, repeats and disorders no event while every key changes', { timeout: 120_000 }, async () => {
  const app = await createTestApp({
    ...{ config: '', whole: at(base()), store: 'file', reloads: true, clock: systemClock },
    files: { 'my-templates/mark.hbs': '{{event.type}} {{object.id}} {{object.score}}' },
  });
  let posts = 0;
  const post = (event_type: string, more: object) => ({
    ...{ event_type, event_class: 'Post' },
    object: { id: posts, title: `post ${posts}`, link: `//a.stackexchange.com/a/${posts}`, ...more },
  });
  const flow = setInterval(() => {
    posts++;
    const time = new Date().toISOString();
    app.client.tell(post('create', { created_at: time, updated_at: time, score: 0 }));
    app.client.tell(post('update', { created_at: time, updated_at: time, score: posts }));
  }, EVERY_MS);
  const outcomes = new Map<string, string>();
  try {
    for (const [path, change] of Object.entries(keyChanges)) {
      // The folder has no account on Discord, and the API is another one already.
      if (change === null || path.startsWith('chats.discord')) continue;
      const to = path === 'source.api' ? 'http://127.0.0.1:10/api' : change.to;
      const { outcome } = await app.configure({ whole: at(changed(base(), { ...change, to })) });
      outcomes.set(path, outcome);
      // Reloads one behind the other would leave no time for events.
      const seen = posts;
      await until(() => posts > seen + 1);
    }
    await app.configure({ whole: at(base()) });
  } finally {
    clearInterval(flow);
  }
  expect([...outcomes].filter(([, outcome]) => outcome !== 'applied')).toEqual([]);
  expect(posts).toBeGreaterThan(outcomes.size * 2);
  const sent = Array.from({ length: posts }, (_, index) => [
    `create ${index + 1} 0`,
    `update ${index + 1} ${index + 1}`,
  ]).flat();
  const shown = () => app.platform.shown('!all:a.org');
  await until(() => shown().length >= sent.length, {
    patienceMs: 20_000,
    there: () => `${shown().length} of ${sent.length}: without ${sent.find((text) => !shown().includes(text))}`,
  });
  expect(shown().toSorted()).toEqual(sent.toSorted());
  const place = new Map(shown().map((text, index) => [text, index]));
  for (let id = 1; id <= posts; id++)
    expect(place.get(`create ${id} 0`)).toBeLessThan(place.get(`update ${id} ${id}`) ?? -1);
  // The room that moved and came back: what was parked meanwhile is sent.
  const cards = () => [...app.platform.shown('!hq:a.org'), ...app.platform.shown('!other:a.org')];
  expect(new Set(cards()).size).toBe(cards().length);
  // Nothing that changed needs another connection.
  expect(app.cable.connections).toBe(1);
});
