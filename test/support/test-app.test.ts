import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.ts';
import { createTestApp, type TestAppOptions } from './test-app.ts';
import { until } from './until.ts';

const start = (store: NonNullable<TestAppOptions['store']>) =>
  createTestApp({
    config: 'subscriptions: [{ events: posts, rooms: "matrix:!a:a.org", template: kind }]',
    files: { 'my-templates/kind.hbs': '{{event.model}}#{{event.type}} {{object.id}}' },
    store,
  });
const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `post ${id}`, updated_at: '2026-01-02T03:04:05.000Z' },
});

it('after a kill the next life has what was committed, and nothing of what was not', async () => {
  const app = await start('file');
  app.platform.answers.push(() => new Promise(() => {}));
  await app.hear(post(1));
  app.pipeline.receive(post(2));
  await app.restart();
  expect(app.platform.shown('!a:a.org')).toEqual(['posts#create 1']);
  const [first, second, ...more] = app.platform.requests;
  expect([second?.key, more]).toEqual([first?.key, []]);
  const rows = await app.db.selectFrom('events').select('subject').execute();
  expect(rows.map(({ subject }) => subject)).toEqual(['post:1']);
});

it('after a kill a message that was planned is sent by the next life, not by the dead one', async () => {
  const app = await start('file');
  const disk = new DatabaseSync(app.file, { readOnly: true });
  const planned = disk.prepare('select count(*) as count from sends');
  app.pipeline.receive(post(1));
  for (let n = 0; n < 10_000 && planned.get()?.count === 0; n++) await null;
  disk.close();
  await app.kill();
  await app.clock.advance(60_000);
  expect(app.platform.requests).toEqual([]);
  await app.start();
  expect(app.platform.shown('!a:a.org')).toEqual(['posts#create 1']);
});

it('after a stop the next life has all that was received', async () => {
  const app = await start('file');
  app.pipeline.receive(post(1));
  await app.stop();
  await app.start();
  await app.hear(post(2));
  expect(app.platform.shown('!a:a.org')).toEqual(['posts#create 1', 'posts#create 2']);
});

it('a store in memory has no next life', async () => {
  const app = await start('memory');
  await expect(app.kill()).rejects.toThrow('store: file');
});

it('the system clock and console rooms do, too', async () => {
  const app = await createTestApp({
    config: 'subscriptions: [{ events: posts, rooms: "console:here" }]',
    clock: systemClock,
  });
  await app.hear(post(1));
  await until(() => app.printed.join('').includes('post 1'));
});
