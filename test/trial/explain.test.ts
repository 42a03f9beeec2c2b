import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { readCommanded } from '../../src/trial/commanded.ts';
import { explanationText } from '../../src/trial/explain-text.ts';
import type { ExplainedEvent } from '../../src/trial/explanation.ts';
import { folderWith } from '../config/config-files.ts';
import { configOf, event, explained, noon, type TimedEvent } from './trial-rig.ts';

const report = (after: number, id: number, more: object = {}) =>
  event(after, 'create', 'Post', {
    id,
    title: 'Buy pills',
    link: `//superuser.com/q/${id}`,
    user_reputation: 1,
    ...more,
  });
const vote = (after: number, id: number, post: number, kind: string) =>
  event(after, 'create', 'Feedback', { id, post_id: post, feedback_type: kind, user_name: 'Ann' });

/** The answers by room, of each event: `line 1: posts#create: smoke: yes`. */
const told = (events: readonly ExplainedEvent[]) =>
  events.flatMap((one) =>
    one.rooms.map(({ room, gets, why }) => `${one.line} ${one.event} ${room}: ${gets ? 'yes' : 'no'}: ${why}`),
  );

async function toldOf(yaml: string, ...events: TimedEvent[]) {
  return told(await explained(configOf(yaml), events));
}

describe('explain', () => {
  it('names the subscription and template of each room, with the values that decided', async () => {
    const config = configOf(`rooms: { smoke: console:smoke, hq: console:hq }
subscriptions:
  - { id: new, events: posts#create, rooms: [smoke], where: object.user_reputation < 5 && subject.standing }
  - { events: posts#create, rooms: [smoke, hq], template: default }
  - { events: flag_logs, rooms: [hq] }`);
    const [one, other] = await explained(config, [report(0, 1), report(3, 2, { user_reputation: 9 })]);
    expect(one?.rooms).toMatchObject([
      {
        ...{ room: 'smoke', address: 'console:smoke', gets: true, as: 'message', unmatched: [] },
        by: { id: 'new', line: 5, template: 'post', values: { 'object.user_reputation': 1, 'subject.standing': true } },
      },
      { room: 'hq', gets: true, by: { line: 6, template: 'default', where: null, values: {} } },
    ]);
    expect(explanationText(other!)).toMatch(
      /^line 2: posts#create post:2, 2026-01-02T12:00:03.000Z\n {2}smoke {2}yes: by \w+ \(line 6\), template default\n +not by new \(line 5\) where object.user_reputation < 5 && subject.standing \[object.user_reputation = 9, subject.standing = true\]\n {2}hq {5}yes: /,
    );
  });

  it('says that no subscription names an event, or that the room has none', async () => {
    const yaml = `rooms: { smoke: console:smoke, idle: console:idle }
subscriptions: [{ events: posts#create, rooms: [smoke] }]`;
    expect(await toldOf(yaml, vote(0, 1, 1, 'tp-'))).toEqual([
      '1 feedbacks#create smoke: no: no subscription of the room names feedbacks#create',
      '1 feedbacks#create idle: no: the room has no subscription',
    ]);
  });

  it('says that quiet hours hold an event back, by the time at which it came', async () => {
    const yaml = `rooms: { smoke: { to: console:smoke, quiet: "12:00-13:00", timezone: Europe/Berlin } }
subscriptions: [{ events: posts#create, rooms: [smoke] }]`;
    expect(await toldOf(yaml, report(-3600, 1), report(0, 2))).toEqual([
      '1 posts#create smoke: no: quiet hours hold back all events until 2026-01-02 13:00 Europe/Berlin',
      '2 posts#create smoke: yes: it matched',
    ]);
  });

  it('waits for the end of a hold, also in a pause that is longer than a day', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#create, rooms: [smoke], hold: 1h, unless: subject.confirmed }]`;
    const lines = await toldOf(yaml, report(0, 1), report(1, 2), vote(60, 1, 1, 'tp-'), report(2 * 86_400, 3));
    expect(lines.filter((line) => line.includes('posts'))).toEqual([
      '1 posts#create smoke: no: held, and cancelled since subject.confirmed',
      '2 posts#create smoke: yes: it was held for 1 h, and not left out: subject.confirmed was not true',
      '4 posts#create smoke: yes: it was held for 1 h, and not left out: subject.confirmed was not true',
    ]);
  });

  it('says that a card is edited for an event that its room does not ask for', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#create, rooms: [smoke], card: true }]`;
    const [first, second] = await explained(configOf(yaml), [report(0, 1), vote(9, 1, 1, 'tp-')]);
    expect(first?.rooms).toMatchObject([{ gets: true, as: 'card', by: { template: 'card' } }]);
    expect(second?.rooms).toMatchObject([{ gets: false, as: 'edit of a card', by: null }]);
  });

  it('explains what is derived of an event on the same line', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#confirmed, rooms: [smoke] }]`;
    const lines = await toldOf(yaml, report(0, 1), vote(9, 1, 1, 'tp-'));
    expect(lines.at(-1)).toBe('2 posts#confirmed smoke: yes: it matched');
  });

  it('says that an event came before', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#create, rooms: [smoke] }]`;
    const [, again] = await explained(configOf(yaml), [report(0, 1), report(9, 1)]);
    expect(again).toMatchObject({
      line: 2,
      event: 'posts#create',
      subject: 'post:1',
      leftOut: 'it came before',
      rooms: [],
    });
  });

  it('says that a report is merged with another of the same post', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#create, rooms: [smoke], merge_reports: 1h }]`;
    const link = '//superuser.com/q/7';
    const lines = await toldOf(yaml, report(0, 1, { link }), report(9, 2, { link }));
    expect(lines[1]).toBe('2 posts#create smoke: no: the same post was reported as post:1 before');
  });

  it('takes what people changed by commands from the store, which stays as it is', async () => {
    const folder = folderWith({});
    const file = join(folder, 'lookout.db');
    const store = await openStore(file);
    const room = {
      key: 'console:smoke',
      address: 'console:smoke',
      name: 'smoke',
      platform: 'console',
      account: 'console',
    };
    await store.db
      .insertInto('rooms')
      .values({ ...room, id: 7, resolved: null, configured: 1 })
      .execute();
    const by = { author: '@ada', created_at: 1 };
    await store.db
      .insertInto('subscriptions')
      .values({ id: 's', address: 'console:smoke', events: 'posts', where: null, template: null, ...by })
      .execute();
    const mute = { events: 'posts#create', where: 'object.user_reputation < 5', except: null, reason: 'a wave' };
    const span = { until: noon + 60_000, ended_at: null, ended_by: null };
    await store.db
      .insertInto('mutes')
      .values({ id: 3, room_id: 7, ...mute, ...span, ...by })
      .execute();
    await store.close();
    const commanded = await readCommanded({ kind: 'sqlite', file, keepMs: 1 });
    expect(commanded?.counts).toEqual({ subscriptions: 1, mutes: 1, quiet: 0 });
    const config = configOf('rooms: { smoke: console:smoke }\nsubscriptions: []');
    expect(told(await explained(config, [report(0, 1), report(90, 2)], { commanded: commanded! }))).toEqual([
      '1 posts#create smoke: no: mute m3 of @ada (a wave) holds back posts#create where object.user_reputation < 5 until 2026-01-02 12:01 UTC',
      '2 posts#create smoke: yes: it matched',
    ]);
  });

  it('sends no event into a digest only because the lines say no times', async () => {
    const yaml = `rooms: { smoke: console:smoke }
subscriptions: [{ events: posts#create, rooms: [smoke] }]`;
    const events = Array.from({ length: 70 }, (_, index) => report(2 * index, index + 1));
    const forms = (await explained(configOf(yaml), events)).map(({ rooms }) => rooms[0]?.as);
    expect(new Set(forms)).toEqual(new Set(['message']));
  });
});
