import { expect, it, onTestFinished } from 'vitest';
import { discord as discordPlatform } from '../../src/adapters/discord/platform.ts';
import { systemClock } from '../../src/time/clock.ts';
import type { Json } from '../../src/words.ts';
import { before, changed, keyChanges, type Tree } from '../reload/key-changes.ts';
import { type DiscordDouble, fakeDiscordToken, startDiscordDouble } from '../support/discord/double.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { createTestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** Interval between two posts, ms: each is a create and an update. */
const EVERY_MS = 20;

/** Most messages that wait when the next reload begins. */
const MOST_BEHIND = 400;

/** Another token of the same bot on Discord. */
const otherToken = fakeDiscordToken.replace('GfAkEt', 'OtHeRr');

/**
 * The configuration, with rooms on two chats that nothing changes and their subscriptions, and an API that does not answer.
 * Discord takes fewer messages a second, so its room gets every tenth post.
 */
function base(discord: DiscordDouble, channel: string): Tree {
  const settings = { ...((before.chats as Tree).discord as Tree), token: fakeDiscordToken, api: discord.url };
  const chats = { ...(before.chats as Tree), discord: settings };
  const few = { to: `discord:${channel}`, waves: 'off' };
  const rooms = { ...(before.rooms as Tree), all: { to: 'matrix:!all:a.org', waves: 'off' }, few };
  const subscriptions = [
    ...(before.subscriptions as Tree[]),
    { events: 'posts', rooms: ['all'], template: 'mark', id: 'all' },
    { events: 'posts', rooms: ['few'], where: 'object.title.endsWith("0")', template: 'mark', id: 'few' },
  ];
  const source = { ...(before.source as Tree), api: 'http://127.0.0.1:9/api' };
  return { ...before, source, chats, rooms, subscriptions, reload: 'off' };
}

const at = (tree: Tree) => (url: string) => JSON.stringify(changed(tree, { at: 'source.url', to: url }));

/** Returns what a channel shows of the posts, in its order. */
const inChannel = (discord: DiscordDouble, channel: string) =>
  discord.messages(channel).map((message) => /(?:create|update) \d+ \d+/.exec(JSON.stringify(message))?.[0] ?? '');

function expectOrder(shown: readonly string[], ids: readonly number[]): void {
  const place = new Map(shown.map((text, index) => [text, index]));
  for (const id of ids) expect(place.get(`create ${id} 0`)).toBeLessThan(place.get(`update ${id} ${id}`) ?? -1);
}

it('loses, repeats and disorders no event while every key changes', { timeout: 180_000 }, async () => {
  const discord = await startDiscordDouble();
  onTestFinished(() => discord.stop());
  const channel = discord.createChannel();
  const first = base(discord, channel);
  /** Values that belong to the servers of this test. */
  const values: Readonly<Record<string, Json>> = {
    'source.api': 'http://127.0.0.1:10/api',
    'chats.discord.token': otherToken,
    'chats.discord.api': discord.url.replace('127.0.0.1', 'localhost'),
    'chats.discord.guilds': [discord.guildOf(channel)],
  };
  const app = await createTestApp({
    ...{ config: '', whole: at(first), store: 'file', reloads: true, clock: systemClock },
    platforms: [discordPlatform],
    files: { 'my-templates/mark.hbs': '{{event.type}} {{object.id}} {{object.score}}' },
  });
  let posts = 0;
  const post = (event_type: string, more: object) => ({
    ...{ event_type, event_class: 'Post' },
    object: { id: posts, title: `post ${posts}`, link: `//a.stackexchange.com/a/${posts}`, ...more },
  });
  const beganAt = Date.now();
  const flow = setInterval(() => {
    // A reload takes longer than the interval.
    while (posts < (Date.now() - beganAt) / EVERY_MS) {
      posts++;
      const time = new Date().toISOString();
      app.client.tell(post('create', { created_at: time, updated_at: time, score: 0 }));
      app.client.tell(post('update', { created_at: time, updated_at: time, score: posts }));
    }
  }, EVERY_MS);
  const shown = () => app.platform.shown('!all:a.org');
  const outcomes = new Map<string, string>();
  try {
    for (const [path, change] of Object.entries(keyChanges)) {
      if (change === null) continue;
      // A bot that gets a new token has lost the one before.
      discord.revoke(path === 'chats.discord.token' ? otherToken : fakeDiscordToken);
      const to = values[path] ?? change.to;
      const { outcome } = await app.configure({ whole: at(changed(first, { ...change, to })) });
      outcomes.set(path, outcome);
      // Reloads one behind the other would leave no time for events, or for a login.
      const [seen, arrived] = [posts, discord.messages(channel).length];
      await until(() => posts > seen + 1 && shown().length > posts * 2 - MOST_BEHIND, { patienceMs: PATIENCE_MS });
      if (path.startsWith('chats.discord')) await until(() => discord.messages(channel).length > arrived);
    }
    await app.configure({ whole: at(first) });
  } finally {
    clearInterval(flow);
  }
  expect([...outcomes].filter(([, outcome]) => outcome !== 'applied')).toEqual([]);
  expect(posts).toBeGreaterThan(outcomes.size * 2);
  // It was new sessions that took what came.
  expect(app.said.filter((line) => line === 'info logged in on discord').length).toBeGreaterThan(7);
  const ids = Array.from({ length: posts }, (_, index) => index + 1);
  const tenth = ids.filter((id) => id % 10 === 0);
  const textsOf = (some: readonly number[]) => some.flatMap((id) => [`create ${id} 0`, `update ${id} ${id}`]);
  const rooms = [
    { shown, ids, texts: textsOf(ids) },
    { shown: () => inChannel(discord, channel), ids: tenth, texts: textsOf(tenth) },
  ];
  for (const { shown, texts, ids: some } of rooms) {
    await until(() => shown().length >= texts.length, {
      patienceMs: PATIENCE_MS,
      there: () => `${shown().length} of ${texts.length}: without ${texts.find((text) => !shown().includes(text))}`,
    });
    expect(shown().toSorted()).toEqual(texts.toSorted());
    expectOrder(shown(), some);
  }
  // The room that moved and came back: what was parked meanwhile is sent.
  const cards = () => [...app.platform.shown('!hq:a.org'), ...app.platform.shown('!other:a.org')];
  expect(new Set(cards()).size).toBe(cards().length);
  // Nothing that changed needs another connection.
  expect(app.cable.connections).toBe(1);
});
