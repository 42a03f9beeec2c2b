import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AWAIT_DETAILS_MS, DetailsPace } from '../../../src/ingest/details/details-pace.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../../support/metasmoke-api.ts';
import { createTestApp, type TestApp } from '../../support/test-app.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';

let api: MetasmokeApiDouble;
let app: TestApp;

beforeEach(async () => {
  api = await startMetasmokeApi('secret-key');
  onTestFinished(() => api.stop());
  api.tables.reasons.push({ id: 1, reason_name: 'bad word', weight: 80 });
});

const subscribed = (card: boolean) =>
  `subscriptions: [{ events: posts#create, rooms: "matrix:!here:a.org", card: ${card} }]`;
const start = async (card: boolean, source = `api: "${api.url}"`, config = subscribed(card)) => {
  app = await createTestApp({ config, source });
};
const post = (id: number) => {
  const time = new Date(app.clock.now()).toISOString();
  return { id, title: `T${id}`, link: `//apple.stackexchange.com/a/${id}`, created_at: time, updated_at: time };
};
const hear = (object: object, type = 'create') => app.hear({ event_type: type, event_class: 'Post', object });
const sent = () => app.platform.requests.map(({ payload }) => payload);
const untilThere = (id: number) =>
  app.listenUntil(async () => (await app.parts.inputs.details.check(`post:${id}`)) === 'there', 10);
/** Starts Lookout; it asked for something before, so it knows the fields of the API. */
const startAsked = async () => {
  await start(true);
  api.tables.posts.push(post(9));
  await untilThere(9);
  await app.listen(200);
};
const untilSent = (count: number) =>
  until(() => sent().length === count, { there: () => [...sent(), ...api.seen, ...app.said].join('\n') });

describe('the card of a new report', () => {
  it('waits for the details, and shows them in its first message', async () => {
    await startAsked();
    const asked = api.seen.length;
    api.tables.posts.push({ ...post(1), reason_ids: [1] });
    await hear(post(1));
    await app.clock.advance(149);
    expect([sent(), api.seen.length]).toEqual([[], asked]);
    await app.clock.advance(1);
    await untilSent(1);
    expect(sent()[0]).toContain('bad word 80');
    await app.listen(5_000);
    expect(sent()).toHaveLength(1);
  });

  it('waits without a card in a room that hides the titles of offensive posts', async () => {
    const rooms = 'rooms: { here: { to: "matrix:!here:a.org", mask_offensive: true } }';
    await start(false, `api: "${api.url}"`, `${rooms}\n${subscribed(false)}`);
    api.tables.posts.push(post(9));
    await untilThere(9);
    await app.listen(200);
    api.tables.reasons.push({ id: 2, reason_name: 'offensive title detected', weight: 90 });
    api.tables.posts.push({ ...post(1), title: 'A slur', reason_ids: [2] });
    await hear({ ...post(1), title: 'A slur' });
    await app.listenUntil(async () => sent().length > 0, 10);
    expect(sent()).toEqual([expect.stringContaining('(title hidden)')]);
    expect(sent()[0]?.replace(/\[spoiler\]/, '')).not.toContain('slur');
  });

  it('fetches the reasons for such a room that hears only the votes', async () => {
    const votes = JSON.stringify([{ events: 'feedbacks', rooms: 'here' }]);
    const rooms = 'rooms: { here: { to: "matrix:!here:a.org", mask_offensive: true } }';
    await start(false, `api: "${api.url}"`, `${rooms}\nsubscriptions: ${votes}`);
    api.tables.reasons.push({ id: 2, reason_name: 'offensive title detected', weight: 90 });
    api.tables.posts.push({ ...post(1), title: 'A slur', reason_ids: [2] });
    await hear({ ...post(1), title: 'A slur' });
    await app.listen(60_000);
    const { created_at, updated_at } = post(1);
    const object = { id: 5, post_id: 1, feedback_type: 'tp-', user_name: 'Ann', created_at, updated_at };
    await app.hear({ event_type: 'create', event_class: 'Feedback', object });
    await app.listen(5_000);
    expect(sent().at(-1)).toContain('(title hidden)');
  });

  it('waits no longer than 500 ms, and not at all until the details of a report come in time again', async () => {
    await startAsked();
    const asked = api.seen.length;
    await hear(post(1));
    await app.clock.advance(150);
    await until(() => api.seen.length > asked);
    await app.clock.advance(AWAIT_DETAILS_MS - 151);
    expect(sent()).toEqual([]);
    await app.clock.advance(1);
    await untilSent(1);
    expect(sent()[0]).not.toContain('bad word');

    api.tables.posts.push({ ...post(2), reason_ids: [1] });
    await hear(post(2));
    await untilSent(2);
    expect(sent()[1]).not.toContain('bad word');
    // The details of the second are here in time, so the third waits again.
    await untilThere(2);
    await hear(post(3));
    await app.clock.advance(149);
    expect(sent().filter((text) => text.includes('T3'))).toEqual([]);
  });

  it('does not wait while the API is down', async () => {
    await start(true);
    api.always(/./, { status: 502, body: '<html>bad gateway' });
    await hear(post(1));
    await app.listenUntil(() => sent().length === 1);
    await app.listenUntil(() => app.said.some((line) => line.startsWith('warn could not fetch details')));
    await hear(post(2));
    await untilSent(2);
  });

  it('does not wait for details that are here', async () => {
    await start(true);
    api.tables.posts.push({ ...post(1), reason_ids: [1] });
    await untilThere(1);
    await hear(post(1));
    await untilSent(1);
    expect(sent()[0]).toContain('bad word 80');
  });

  it('does not wait without an API', async () => {
    await start(true, '');
    await hear(post(1));
    await untilSent(1);
  });
});

it('a message that is not a card does not wait', async () => {
  await start(false);
  await hear(post(1));
  await untilSent(1);
});

describe('the pace of the API', () => {
  const clock = createTestClock();

  it('is slow while a request has had no answer for 300 ms', async () => {
    const pace = new DetailsPace(clock);
    pace.began();
    await clock.advance(299);
    expect(pace.isQuick).toBe(true);
    await clock.advance(1);
    expect(pace.isQuick).toBe(false);
    pace.ended();
    expect(pace.isQuick).toBe(true);
  });

  it('is as quick as it was for the last new report', () => {
    const pace = new DetailsPace(clock);
    const after = (afterMs: number | null) => {
      pace.noteReport(afterMs);
      return pace.isQuick;
    };
    expect([500, 501, 500, null].map(after)).toEqual([true, false, true, false]);
  });
});
