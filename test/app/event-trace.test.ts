import { expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const config =
  'rooms: { hq: "matrix:!hq:a.org", quiet: "matrix:!quiet:a.org" }\n' +
  'subscriptions: [{ events: posts#create, rooms: [hq, quiet] }]\n';
const post = (id: number) => ({
  ...{ event_type: 'create', event_class: 'Post' },
  object: { id, title: `post ${id}`, link: `//a.stackexchange.com/a/${id}` },
});

/** Returns the texts of the lines with an event's id, as grep finds them. */
const grep = (app: TestApp, event: string) =>
  app.lines
    .filter((line) => new RegExp(`\\b${event}\\b`).test(line))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

it("an event's id leads from its arrival to the answers of all rooms, over a repeat", async () => {
  const app = await createTestApp({ config });
  await app.hear(post(1));
  await app.listenUntil(() => app.platform.shown('!quiet:a.org').length === 1);
  let isClear = false;
  app.platform.answerTo = ({ room }) => {
    if (isClear || room !== '!hq:a.org') return null;
    isClear = true;
    return { outcome: 'unknown', waitMs: 1_000, reason: 'no answer' };
  };
  await app.hear(post(2));
  await app.listenUntil(() => ['!hq:a.org', '!quiet:a.org'].every((room) => app.platform.shown(room).length === 2));
  const lines = grep(app, 'e2');
  expect(lines[0]).toBe('e2 received and stored: posts#create post:2');
  // Which room stores its send first is open.
  expect(
    lines
      .slice(1)
      .map((line) => line.replace(/^s\d+/, 's'))
      .toSorted(),
  ).toEqual([
    'hq: post:2 sent 1 s after it came',
    'quiet: post:2 sent 0 s after it came',
    'room hq: unknown: no answer',
    's goes to hq',
    's goes to hq again, attempt 2',
    's goes to quiet',
  ]);
});

it("an event's id leads to the mute that kept it back", async () => {
  const app = await createTestApp({ config });
  const room = await app.db.selectFrom('rooms').select('id').where('name', '=', 'quiet').executeTakeFirstOrThrow();
  const mute = {
    room_id: room.id,
    events: null,
    where: null,
    until: app.clock.now() + 3_600_000,
    author: '@a:b',
    reason: null,
    created_at: app.clock.now(),
  };
  const { id } = await app.db.insertInto('mutes').values(mute).returning('id').executeTakeFirstOrThrow();
  await app.parts.delivery.mutes.changed(room.id);
  await app.hear(post(1));
  await app.listenUntil(() => grep(app, 'e1').some((line) => line.includes('hq: post:1 sent')));
  await app.listen(1_000);
  expect(grep(app, 'e1')).toContain(`e1 needs no message in quiet: mute ${id}`);
});
