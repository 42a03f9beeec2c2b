import { expect, it } from 'vitest';
import { insertSubscription } from '../../src/rooms/stored-subscriptions.ts';
import { createTestApp } from '../support/test-app.ts';

it('sends a wave to a room that a command made as a digest, as to a room of the file', async () => {
  const app = await createTestApp({
    config: [
      'rooms: { here: "matrix:!here:a.org" }',
      'commands: { rooms: any }',
      'subscriptions: [{ events: flags#create, rooms: here }]',
    ].join('\n'),
    store: 'file',
  });
  await app.db.transaction().execute((trx) =>
    insertSubscription(trx, {
      ...{ id: 's1', address: 'matrix:!made:a.org', events: 'posts#create', where: null, template: null },
      ...{ author: 'ann', createdAt: app.clock.now() },
    }),
  );
  await app.restart();
  // The room falls behind.
  app.platform.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 3_000, reason: '429' });
  const at = new Date(app.clock.now()).toISOString();
  const post = (id: number) => ({
    event_type: 'create',
    event_class: 'Post',
    object: { id, title: `Title ${id}`, link: `//a.stackexchange.com/q/${id}`, created_at: at, updated_at: at },
  });
  await app.hear(...Array.from({ length: 200 }, (_, n) => post(n + 1)));
  await app.listen(12_000);
  const shown = app.platform.shown('!made:a.org');
  expect(shown.join('\n')).toMatch(/\d+ reports on a\.stackexchange\.com/);
  expect(shown.join('\n')).toContain('Title 200');
  expect(shown.length).toBeLessThan(20);
});

it('starts without the chat of a room that a command made: that room waits until the chat is back', async () => {
  const rest = 'rooms: { here: "console:here" }\ncommands: { rooms: any }\n';
  const sent = 'subscriptions: [{ events: flags#create, rooms: here }]\n';
  const whole = (url: string) => `source: { url: "${url}", key: secret-key }\nstore: sqlite:lookout.db\n${rest}${sent}`;
  const app = await createTestApp({ config: `${rest}${sent}`, store: 'file', reloads: true });
  const made = { id: 's1', address: 'matrix:!made:a.org', events: 'posts#create', where: null, template: null };
  await app.db
    .transaction()
    .execute((trx) => insertSubscription(trx, { ...made, author: 'ann', createdAt: app.clock.now() }));
  await app.restart({ whole });
  const platforms = () => app.parts.delivery.outbox.workers.map(({ gate }) => gate.room.platform);
  expect(platforms()).toEqual(['console']);
  let isDone = false;
  void app
    .configure({ whole: (url) => `${whole(url)}chats: { matrix: { homeserver: "https://a.org", token: t } }\n` })
    .then(() => {
      isDone = true;
    });
  await app.listenUntil(() => isDone);
  expect(platforms()).toEqual(['console', 'matrix']);
});

it('begins a room again that a reload ended, after the send that is under way there', async () => {
  const here = 'rooms: { here: "matrix:!here:a.org" }\n';
  const both = 'rooms: { here: "matrix:!here:a.org", left: "matrix:!left:a.org" }\n';
  const rest = 'commands: { rooms: any, users: ["@ann:a.org"] }\n';
  const to = (rooms: string) => `subscriptions: [{ events: flags#create, rooms: ${rooms} }]\n`;
  const app = await createTestApp({ config: `${both}${rest}${to('[here, left]')}`, store: 'file', reloads: true });
  const answered = Promise.withResolvers<void>();
  app.platform.answerTo = ({ room }) => (room === '!here:a.org' ? { outcome: 'sent', platformId: '$here' } : null);
  app.platform.answers.push(async () => {
    await answered.promise;
    return { outcome: 'sent', platformId: '$held' };
  });
  const sentTo = () => app.platform.requests.filter(({ room }) => room === '!left:a.org').length;
  await app.hear({ event_type: 'create', event_class: 'Flag', object: { id: 1 } });
  await app.listenUntil(() => sentTo() === 1);
  const reloaded = app.configure({ config: `${here}${rest}${to('here')}` });
  const isIn = () => app.parts.delivery.outbox.workers.some(({ gate }) => gate.room.name === 'left');
  await app.listenUntil(() => !isIn());
  await app.platform.listener?.run({
    ...{ key: null, platform: 'matrix', room: '!left:a.org', direct: false, about: null, answered: 'free' },
    asker: { id: '@ann:a.org', roles: [], manages: true, power: 100 },
    said: { kind: 'line', text: 'subscribe posts#create' },
  });
  expect(isIn()).toBe(true);
  await app.hear({ event_type: 'create', event_class: 'Post', object: { id: 2, title: 'Two', link: '//a.b/a/2' } });
  await app.listen(5_000);
  expect(sentTo()).toBe(1);
  answered.resolve();
  await reloaded;
  await app.listenUntil(() => app.platform.shown('!left:a.org').some((text) => text.includes('Two')));
  expect(isIn()).toBe(true);
});

it('sends what was parked when a command opens the room again', async () => {
  const rooms = 'rooms: { here: "matrix:!here:a.org", left: "matrix:!left:a.org" }\n';
  const rest = 'commands: { rooms: any, users: ["@ann:a.org"] }\n';
  const to = (names: string) => `subscriptions: [{ events: posts#create, rooms: ${names} }]\n`;
  const app = await createTestApp({ config: `${rooms}${rest}${to('[here, left]')}`, store: 'file', reloads: true });
  app.platform.answerTo = ({ room }) =>
    room === '!left:a.org' ? { outcome: 'notAccepted', waitMs: 5_000, scope: 'room', reason: 'slow down' } : null;
  await app.hear({ event_type: 'create', event_class: 'Post', object: { id: 1, title: 'One', link: '//a.b/a/1' } });
  await app.listenUntil(() => app.platform.shown('!here:a.org').length === 1);
  const reloaded = app.configure({ config: `rooms: { here: "matrix:!here:a.org" }\n${rest}${to('here')}` });
  await app.listen(1_000);
  await reloaded;
  const deliveries = app.db.selectFrom('deliveries').select('reason').where('state', '=', 'waiting');
  expect(await deliveries.execute()).toEqual([{ reason: 'parked' }]);
  app.platform.answerTo = () => null;
  await app.platform.listener?.run({
    ...{ key: null, platform: 'matrix', room: '!left:a.org', direct: false, about: null, answered: 'free' },
    asker: { id: '@ann:a.org', roles: [], manages: true, power: 100 },
    said: { kind: 'line', text: 'subscribe flags#create' },
  });
  await app.listenUntil(() => app.platform.shown('!left:a.org').some((text) => text.includes('One')));
});
