import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { silentLog } from '../../src/log.ts';
import { replay } from '../../src/trial/replay.ts';
import { createScaledClock } from '../../src/trial/scaled-clock.ts';
import { createTestClock } from '../support/test-clock.ts';
import { configOf, event, linesOf, noon } from './trial-rig.ts';

const report = (after: number, id: number) =>
  event(after, 'create', 'Post', { id, title: 'Buy pills', link: `//superuser.com/q/${id}` });
const vote = (after: number, id: number, post: number) =>
  event(after, 'create', 'Feedback', { id, post_id: post, feedback_type: 'tp-', user_name: 'Ann' });

async function replayed(yaml: string, events: Parameters<typeof linesOf>[0], speed: number | null) {
  const requests: string[] = [];
  const result = await replay(linesOf(events), {
    ...{ ...extensions, config: configOf(yaml), commanded: null, log: silentLog, version: 'test', now: noon, speed },
    signal: new AbortController().signal,
    async onSend(platform, { room, action }, at) {
      requests.push(`${new Date(at).toISOString().slice(11, 16)} ${platform}:${room} ${action?.kind ?? 'create'}`);
    },
  });
  return { requests, ...result };
}

const yaml = `chats: { discord: { token: ${'m'.repeat(24)}.Gabcde.${'x'.repeat(38)} } }
rooms: { cards: "discord:123456789012345678", held: { to: console:held, quiet: "13:00-14:00" } }
subscriptions:
  - { events: posts#create, rooms: [cards], card: true }
  - { events: posts#create, rooms: [held], hold: 10m, unless: subject.confirmed }`;

describe('replay', () => {
  it('sends at the times at which it was, to no room, and counts', async () => {
    const events = [report(0, 1), vote(60, 1, 1), report(1200, 2), report(3600, 3)];
    expect(await replayed(yaml, events, null)).toEqual({
      requests: [
        '12:00 discord:123456789012345678 create',
        '12:01 discord:123456789012345678 edit',
        '12:20 discord:123456789012345678 create',
        '12:30 console:held create',
        '13:00 discord:123456789012345678 create',
      ],
      events: 4,
      rooms: [
        {
          room: 'cards',
          events: { sent: 3, muted: 0, cancelled: 0, dead: 0, waiting: 0 },
          requests: { create: 3, edit: 1 },
        },
        { room: 'held', events: { sent: 1, muted: 1, cancelled: 1, dead: 0, waiting: 0 }, requests: { create: 1 } },
      ],
    });
  });

  it('waits between events, by the speed', async () => {
    // A held event would wait longer.
    const cards = yaml.replace(/\n.*hold: 10m.*/, '');
    const began = performance.now();
    const { requests } = await replayed(cards, [report(0, 1), report(60, 2)], 100);
    expect(performance.now() - began).toBeGreaterThan(600);
    expect(requests).toHaveLength(2);
  });
});

it('a scaled clock stands, and then runs at its speed', async () => {
  const real = createTestClock();
  const clock = createScaledClock(noon, 10, real);
  await real.advance(5_000);
  expect(clock.now()).toBe(noon);
  clock.go();
  const fired: number[] = [];
  clock.after(20_000, () => fired.push(clock.now()));
  await real.advance(2_500);
  expect(fired).toEqual([noon + 20_000]);
  expect(clock.now()).toBe(noon + 25_000);
});
