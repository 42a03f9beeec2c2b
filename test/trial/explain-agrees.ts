import fc from 'fast-check';
import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { createRouter } from '../../src/router/router.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { ExplainedEvent } from '../../src/trial/explanation.ts';
import { createVirtualClock } from '../../src/trial/virtual-clock.ts';
import { createTestPipeline } from '../support/pipeline-rig.ts';
import { configOf, event, explained, noon, type TimedEvent } from './trial-rig.ts';

export const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007);

const yaml = `rooms:
  picky: { to: console:picky, waves: off }
  quiet: { to: console:quiet, waves: off, quiet: { at: "12:05-12:10", events: feedbacks } }
  patient: { to: console:patient, waves: off }
subscriptions:
  - { events: posts#create, rooms: [picky, quiet], where: object.user_reputation < 20 && object.title != "a", template: mark }
  - { events: posts, rooms: [picky], where: object.user_reputation > 90, template: mark }
  - { events: feedbacks, rooms: [picky, quiet], where: subject.fp > 1 && object.feedback_type == "tp-", template: mark }
  - { events: "feedbacks#create,destroy", rooms: [quiet], where: object.feedback_type == "naa-", template: mark }
  - { events: "posts#confirmed,deleted", rooms: [quiet], template: mark }
  - { events: posts#create, rooms: [patient], where: object.id % 4 < 2, hold: 20s, unless: subject.deleted || subject.tp > 0, template: mark, merge_reports: 5m }
  - { events: "flag_logs;deletion_logs;statistics", rooms: [patient], where: object.id % 10 == 0, template: mark }
`;
/** A post may be shown as another report of it, so a message is known by the id of its row. */
const mark = '{{event.model}}#{{event.type}} {{object.id}}';

/** A generated step: which of few rows changes how, so that events are about each other, and some come twice. */
const step = fc.record({
  kind: fc.constantFrom(
    'Post',
    'Post',
    'Feedback',
    'Feedback',
    'FlagLog',
    'DeletionLog',
    ...Array<'Statistic'>(18).fill('Statistic'),
  ),
  type: fc.constantFrom('create', 'create', 'create', 'update', 'destroy'),
  /** Counted back from the newest post. */
  age: fc.nat({ max: 12 }),
  id: fc.nat({ max: 40 }),
  reputation: fc.oneof(fc.nat({ max: 100 }), fc.constant(null)),
  title: fc.constantFrom('a', 'b', 'c'),
  vote: fc.constantFrom('tp-', 'fp-', 'naa-', 'tpu-'),
  isDeleted: fc.boolean(),
});

function eventsOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): readonly TimedEvent[] {
  return steps.map(({ kind, type, age, id, reputation, title, vote, isDeleted }, index) => {
    // Eight a second; every row belongs to a post of the last minutes.
    const post = Math.max(1, Math.floor(index / 24) - age);
    const updated_at = new Date(noon + Math.floor(index / 40) * 1_000).toISOString();
    const row = { id: kind === 'Post' ? post : Math.floor(index / 40) * 40 + id, post_id: post, updated_at };
    const columns = {
      Post: {
        id: post,
        title,
        user_reputation: reputation,
        link: `//superuser.com/q/${Math.floor(post / 3)}`,
        updated_at,
      },
      Feedback: { ...row, feedback_type: vote, user_id: id, user_name: 'Ann' },
      FlagLog: { ...row, success: isDeleted, is_auto: true, is_dry_run: false },
      DeletionLog: { ...row, is_deleted: isDeleted },
      Statistic: { id: row.id, smoke_detector_id: 1, api_quota: 5_000, updated_at },
    };
    return event(index / 8, type, kind, columns[kind as keyof typeof columns]);
  });
}

/** Runs the ingestion of `lookout run` alone. Returns each event that it stored, with its subscription in each room. */
async function routed(config: Config, events: readonly TimedEvent[]): Promise<readonly string[]> {
  const store = await openStore(':memory:');
  const { db } = store;
  try {
    const ids = new Map<string, number>();
    for (const { name, address, platform, account } of config.rooms) {
      const room = { key: address, address, name, platform, account, resolved: null, configured: 1 } as const;
      const { id } = await db.insertInto('rooms').values(room).returning('id').executeTakeFirstOrThrow();
      ids.set(address, id);
    }
    const clock = createVirtualClock(noon);
    const router = createRouter(config.subscriptions, config.catalogue);
    const pipeline = createTestPipeline(store, clock, {
      source: 'demo',
      router,
      roomId: (address) => ids.get(address),
    });
    for (const { after, message } of events) {
      await clock.passUntil(noon + after * 1_000);
      pipeline.receive(message);
      await pipeline.idle();
    }
    const rows = await db
      .selectFrom('events as e')
      .leftJoin('deliveries as d', 'd.event_id', 'e.id')
      .leftJoin('rooms as r', 'r.id', 'd.room_id')
      .select(['e.id', 'e.model', 'e.type', 'e.subject', 'r.name', 'd.subscription'])
      .orderBy('e.id')
      .orderBy('r.id')
      .execute();
    return [...Map.groupBy(rows, ({ id }) => id).values()].map((some) => {
      const [{ model, type, subject }] = some as [(typeof rows)[number]];
      const rooms = some.flatMap(({ name, subscription }) => (name === null ? [] : [`${name}=${subscription}`]));
      return `${model}#${type} ${subject} ${rooms.join(' ')}`;
    });
  } finally {
    await store.close();
  }
}

const routedAs = ({ event: name, subject, rooms }: ExplainedEvent) =>
  `${name} ${subject} ${rooms.flatMap(({ room, by }) => (by === null ? [] : [`${room}=${by.id}`])).join(' ')}`;

/** Compares what `explain` says of so many events with what the ingest of its own routes, and with what the chats were sent. Returns those that were routed. */
export async function expectAgreement(count: number): Promise<readonly ExplainedEvent[]> {
  const config = configOf(yaml, { 'my-templates/mark.hbs': mark });
  const events = eventsOf(fc.sample(step, { seed, numRuns: count }));
  const sent: string[] = [];
  const answers = await explained(config, events, {
    async onSend(_, { room, payload, action }) {
      expect(action ?? { kind: 'create' }).toEqual({ kind: 'create' });
      for (const [marked] of payload.matchAll(/\w+#\w+ \d+/g)) sent.push(`${room} ${marked}`);
    },
  });

  const routes = answers.filter(({ leftOut }) => leftOut === null);
  expect(answers.filter(({ origin }) => origin === 'live')).toHaveLength(count);
  expect(routes.map(routedAs)).toEqual(await routed(config, events));
  const rowOf = ({ line, origin, subject }: ExplainedEvent) =>
    origin === 'derived'
      ? subject.replace('post:', '')
      : (events[line! - 1]!.message as { object: { id: number } }).object.id;
  const said = routes.flatMap((one) =>
    one.rooms.flatMap(({ room, gets }) => (gets ? [`${room} ${one.event} ${rowOf(one)}`] : [])),
  );
  expect(sent.toSorted()).toEqual(said.toSorted());
  return routes;
}

/** Each reason occurs, so that the events were worth the trial. */
export function expectEveryReason(routes: readonly ExplainedEvent[]): void {
  const reasons = new Set(routes.flatMap(({ rooms }) => rooms.map(({ why }) => why.replace(/post:\d+/, 'post:1'))));
  expect([...reasons]).toEqual(
    expect.arrayContaining([
      'it matched',
      'its condition is false',
      'no subscription of the room names statistics#create',
      'quiet hours hold back feedbacks#create,update until 2026-01-02 12:10 UTC',
      'held, and cancelled since subject.deleted || subject.tp > 0',
      'the same post was reported as post:1 before',
    ]),
  );
}
