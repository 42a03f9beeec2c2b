import { beforeEach, expect, it } from 'vitest';
import { createMissedRig, type MissedRig } from '../../support/missed-rig.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

let rig: MissedRig;
let ids: readonly number[];

/** Ten posts happen during an outage of one minute. */
beforeEach(async () => {
  rig = await createMissedRig();
  await rig.start();
  await rig.listen(minute);
  ids = Array.from({ length: 10 }, (_, index) => index + 1);
  for (const id of ids) {
    await rig.clock.advance(5 * second);
    const at = new Date(rig.clock.now()).toISOString();
    rig.api.tables.posts.push({ id, title: `T${id}`, created_at: at, updated_at: at });
  }
  await rig.clock.advance(10 * second);
});

const lose = () => rig.missed.gap({ from: rig.clock.now() - minute, reason: 'closed' });
const away = (status = 503, body: unknown = '<html>unavailable') => rig.api.always(/./, { status, body });
const gap = async () => (await rig.gaps())[0];
const tries = async (count: number) => rig.until(async () => ((await gap())?.tries ?? 0) >= count, second);
const closed = async () => rig.until(async () => (await gap())?.openFrom === null, second);

it.each<[string, number, unknown]>([
  ['503', 503, '<html>unavailable'],
  ['an error', 200, { error: 'the database is away' }],
  ['nothing', 200, {}],
  ['a number for rows', 200, { items: 5 }],
])('a gap is fetched in the end if the API answers %s for two minutes', async (_, status, body) => {
  const back = away(status, body);
  lose();
  const until = rig.clock.now() + 2 * minute;
  await rig.until(() => rig.clock.now() >= until, second);
  expect((await gap())?.openFrom).not.toBeNull();
  expect(await rig.posts()).toEqual([]);
  back();
  await closed();
  expect(await rig.posts()).toEqual(ids);
  expect(await gap()).toMatchObject({ fetched: 10, problem: null, lost: null });
});

it('an open gap shows in `status` with the number of attempts and the reason for their failure', async () => {
  away(200, { error: 'the database is away' });
  lose();
  await rig.clock.advance(0);
  expect(await rig.status()).toContain('closed; nothing was fetched');
  await tries(1);
  expect(await rig.status()).toContain(
    'closed; still being fetched, 0 rows so far, asked once: posts: the API answered 200: the database is away',
  );
  await tries(3);
  expect(await rig.status()).toContain('asked 3 times');
});

it('an open gap is fetched after a restart in the middle of its retries, even before the source is connected', async () => {
  const back = away();
  lose();
  await tries(3);
  await rig.kill();
  await rig.clock.advance(hour);
  await rig.start({ isSubscribed: false });
  await tries(4);
  back();
  await closed();
  expect(await rig.posts()).toEqual(ids);
});

it('an open gap is fetched together with the gap of a restart', async () => {
  const back = away();
  lose();
  await tries(2);
  await rig.listen(minute);
  await rig.stop();
  await rig.clock.advance(minute);
  back();
  await rig.start();
  await rig.until(async () => (await rig.gaps()).every(({ openFrom }) => openFrom === null));
  expect(await rig.gaps()).toHaveLength(2);
  expect(await rig.posts()).toEqual(ids);
});

it('operators are notified once of an open gap, across a restart, and when it is fetched', async () => {
  const back = away();
  lose();
  await rig.until(() => rig.told.length > 0, 5 * second);
  expect(rig.told).toEqual([
    expect.stringMatching(
      /^Events from 2026-01-02T03:05:.* to 2026-01-02T03:06:.* could not be fetched yet: posts: the API answered 503.*\. Lookout retries until 2026-01-03T03:06:.*\.$/,
    ),
  ]);
  await rig.kill();
  await rig.start({ isSubscribed: false });
  const before = (await gap())?.tries ?? 0;
  await tries(before + 5);
  expect(rig.told).toHaveLength(1);
  back();
  await closed();
  expect(rig.told.slice(1)).toEqual([expect.stringMatching(/^The events missed since .* are fetched now, 10 rows\.$/)]);
});

it('operators are not notified of a gap that is fetched within ten minutes', async () => {
  const back = away();
  lose();
  await tries(4);
  back();
  await closed();
  expect(rig.told).toEqual([]);
});

it('a gap that is never fetched is given up after the configured age, with a log line', async () => {
  away();
  lose();
  await tries(3);
  await rig.kill();
  await rig.clock.advance(25 * hour);
  await rig.start({ isSubscribed: false });
  await closed();
  expect(await gap()).toMatchObject({
    lost: expect.stringMatching(/^not everything was fetched in time \(posts: the API answered 503, .*\)$/),
  });
  expect(rig.told).toEqual([
    expect.stringMatching(
      /could not all be fetched within 1 d \(source\.backfill\.max_age\): .*\. The rest is lost\.$/,
    ),
  ]);
  expect(rig.said.filter((line) => line.startsWith('error'))).toHaveLength(1);
});

it('a gap that is fetched late reports the part that is too old', async () => {
  const back = away();
  lose();
  await rig.clock.advance(0);
  await rig.kill();
  // By now its first half minute is older than a day.
  await rig.clock.advance(24 * hour - 30 * second);
  back();
  await rig.start({ isSubscribed: false });
  await closed();
  expect(await gap()).toMatchObject({
    lost: expect.stringMatching(/^events before .* are not fetched \(source\.backfill\.max_age\)$/),
  });
});

it('events that a silent source did not send are fetched as soon as the API gives a usable answer, and count as a gap', async () => {
  const back = away(200, {});
  rig.missed.quiet(rig.clock.now() - minute);
  await rig.until(() => rig.missed.failedReadings === 3, second);
  expect(await rig.gaps()).toEqual([]);
  back();
  await rig.until(async () => (await rig.posts()).length === 10, second);
  await closed();
  expect(await gap()).toMatchObject({ reason: 'the source was connected but sent no events' });
});

it('a gap stays open if its fetched rows did not fit into memory', async () => {
  const { pipeline } = rig;
  const { counts } = pipeline;
  const receive = pipeline.receive.bind(pipeline);
  let dropped = 0;
  pipeline.receive = (...given) => {
    if (dropped++ >= 4) receive(...given);
    else (counts as { lost: number }).lost++;
  };
  lose();
  await rig.until(async () => (await rig.posts()).length === 6, second);
  expect((await gap())?.openFrom).not.toBeNull();
  await closed();
  expect(await rig.posts()).toHaveLength(10);
});
