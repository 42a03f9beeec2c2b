import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMatrixAdapter } from '../../src/adapters/matrix/matrix-adapter.ts';
import { answerTurns } from '../../src/app/create-adapters.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';
import { fakeToken, type Homeserver, startHomeserver } from '../support/homeserver.ts';
import { createListener } from '../support/listener.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import type { ScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

const [bot, owner, ann, ben] = ['@bot:fake.test', '@owner:fake.test', '@ann:fake.test', '@ben:fake.test'];

let clock: TestClock;
let homeserver: Homeserver;
let commands: CommandsRig;
let rig: OutboxRig;
let room: string;
/** Commands that were read to their end. */
let handled: number;
let position: string | null;

beforeEach(async () => {
  clock = createTestClock();
  homeserver = await startHomeserver({ clock });
  // Synapse's default.
  homeserver.limit = { burst: 10, perSecond: 0.2 };
  room = homeserver.rooms.create({
    members: Object.fromEntries([bot, owner, ann, ben].map((user) => [user, 'join'])),
    powerLevels: { users: { [owner]: 100 } },
  });
  commands = await createCommandsRig({ clock, room: `matrix:${room}` });
  handled = 0;
  position = null;
  const adapter = createMatrixAdapter({
    ...matrixOptions(homeserver.url, fakeToken),
    requestTimeoutMs: 29_000,
    clock,
    position: {
      load: async () => position,
      async save(_, token) {
        position = token;
      },
    },
  });
  const turns = () => answerTurns(rig.outbox.accounts[0]!);
  adapter.listen(
    createListener({
      run: (invocation) => commands.commands.run(invocation).finally(() => handled++),
      turns: {
        get isLimited() {
          return turns().isLimited;
        },
        take: (rank, signal) => turns().take(rank, signal),
        limited: (waitMs) => turns().limited(waitMs),
      },
    }),
  );
  rig = await createOutboxRig({ clock, adapter: adapter as unknown as ScriptedAdapter, rooms: [`matrix:${room}`] });
  await until(() => homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
});
afterEach(async () => {
  await rig.stop();
  await commands.stop();
  await homeserver.stop();
});

const write = (sender: string, body: string) =>
  homeserver.rooms.add(room, { type: 'm.room.message', sender, content: { msgtype: 'm.text', body } }, 0);
const ours = () =>
  homeserver.rooms
    .get(room)
    .events.filter(({ sender, type }) => sender === bot && type === 'm.room.message')
    .map(({ content }) => ({ body: String(content.body), isAnswer: content['m.relates_to'] !== undefined }));
const events = () => ours().filter(({ isAnswer }) => !isAnswer).length;
const deliver = (id: number) => rig.deliver(anEvent({ id, subject: `post:${id}` }), [`matrix:${room}`]);

describe('people who may not change anything', () => {
  it('do not delay events, however often they ask', async () => {
    let asked = 0;
    let delivered = 0;
    for (let second = 0; second < 180; second++) {
      for (const stranger of [ann, ben]) {
        if (commands.commands.ignores('matrix', stranger)) continue;
        write(stranger, '!help');
        asked++;
      }
      await until(() => handled === asked);
      if (second % 10 === 0) {
        await deliver(++delivered);
        await until(() => events() === delivered);
      }
      await clock.advance(1_000);
    }
    expect([events(), rig.outbox.accounts[0]?.isLimited]).toEqual([18, false]);
    // Two each at first, then one each in a minute, three of those at once.
    expect(ours().length - events()).toBeLessThanOrEqual(3 + 180 / 20);
    expect(asked).toBeGreaterThan(20);
  });

  it('get their answer when all events have gone, and whoever may change the room gets it in between', async () => {
    for (let id = 1; id <= 13; id++) await deliver(id);
    await until(() => events() === 10 && rig.outbox.accounts[0]?.isLimited === true);
    write(ann, '!help');
    write(owner, '!status');
    await until(() => handled === 2);
    await until(async () => {
      await clock.advance(250);
      return ours().length === 15;
    });
    const order = ours().map(({ body, isAnswer }) =>
      isAnswer ? (body.includes('Version') ? 'status' : 'help') : 'event',
    );
    expect(order.at(-1)).toBe('help');
    expect(order.indexOf('status')).toBeLessThan(13);
  });
});
