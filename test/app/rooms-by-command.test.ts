import { expect, it } from 'vitest';
import { insertSubscription } from '../../src/rooms/stored-subscriptions.ts';
import { systemClock } from '../../src/time/clock.ts';
import { createTestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

it('sends a wave to a room that a command made as a digest, as to a room of the file', async () => {
  const app = await createTestApp({
    config: [
      'rooms: { here: "console:here" }',
      'commands: { rooms: any }',
      'subscriptions: [{ events: flags#create, rooms: here }]',
    ].join('\n'),
    store: 'file',
    clock: systemClock,
  });
  await app.db.transaction().execute((trx) =>
    insertSubscription(trx, {
      ...{ id: 's1', address: 'console:made', events: 'posts#create', where: null, template: null },
      ...{ author: 'ann', createdAt: systemClock.now() },
    }),
  );
  await app.restart();
  const at = new Date(systemClock.now()).toISOString();
  const post = (id: number) => ({
    event_type: 'create',
    event_class: 'Post',
    object: { id, title: `Title ${id}`, link: `//a.stackexchange.com/q/${id}`, created_at: at, updated_at: at },
  });
  await app.hear(...Array.from({ length: 200 }, (_, n) => post(n + 1)));
  await until(() => app.printed.join('').includes('Title 200'));
  expect(app.printed.join('')).toMatch(/\d+ reports on a\.stackexchange\.com/);
  expect(app.printed.length).toBeLessThan(200);
});
