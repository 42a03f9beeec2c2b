import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { type Stage, startStage } from './support/stage.ts';
import { waitUntil } from './support/wait-until.ts';

describe('commands on a real homeserver', () => {
  let stage: Stage;
  let looks: string;

  beforeAll(async () => {
    stage = await startStage({ matrix: { limits: 'off', rooms: ['looks'] }, commands: { rooms: 'any' } });
    looks = stage.matrix.rooms.looks;
    await stage.untilSubscribed();
  });

  afterAll(() => stage?.stop());

  /** Returns the bot's messages in a room as text, oldest first. */
  async function shown(room = looks): Promise<readonly string[]> {
    const messages = await stage.matrix.reader.messages(room);
    return messages
      .filter(({ sender }) => sender === stage.matrix.bot.id)
      .map(({ content }) => String(content.body).replaceAll('`', ''));
  }
  async function untilShown(text: string, room = looks): Promise<string> {
    const look = async () => (await shown(room)).find((message) => message.includes(text));
    return waitUntil(`"${text}" in the room`, look, {
      timeoutMs: PATIENCE_MS,
      describe: async () => [await shown(room), stage.lookout.said.slice(-10)],
    });
  }
  const say = (text: string, who: MatrixUser = stage.matrix.reader, room = looks) => who.send(room, text);
  /** Resolves when the source is asked for the events since a moment. */
  const untilAsked = (since: number) =>
    waitUntil(
      'the source asked for it',
      () => stage.lookout.said.slice(since).find((line) => line.includes('Requesting other events from')),
      { timeoutMs: PATIENCE_MS },
    );

  /** Starts Lookout again. Resolves when it reads commands. */
  async function startAgain(): Promise<void> {
    const before = stage.lookout.said.length;
    stage.lookout.start();
    await waitUntil(
      'the login',
      () => stage.lookout.said.slice(before).find((line) => line.includes('logged in on matrix')),
      { timeoutMs: PATIENCE_MS },
    );
  }

  const post = (id: number, type: 'create' | 'update', title: string) => ({
    event_type: type,
    event_class: 'Post',
    object: { id, title, user_reputation: 1, updated_at: `2026-11-24T10:00:${String(id % 60).padStart(2, '0')}.000Z` },
  });

  it('let a second account subscribe, mute, receive a notice, unmute, and read the muted events', async () => {
    // This shows that the bot is in the room and reads it.
    await stage.emit([post(1000, 'create', 'Before')]);
    await untilShown('Before');
    const before = stage.lookout.said.length;
    await say('!subscribe posts#update --where object.user_reputation < 50 --template mark');
    await untilShown('This room now receives posts#update where object.user_reputation < 50');
    await untilAsked(before);
    await stage.emit([post(1001, 'create', 'First'), post(1001, 'update', 'First')]);
    await untilShown('mark|Post|update|1001');

    await say('!mute for 2h "a known wave"');
    await untilShown('Muted the whole room until');
    await stage.emit([post(1002, 'create', 'Held back title')]);
    await stage.untilSettled(30_000);
    await say('!why post:1002');
    expect(await untilShown('Ids: post:1002')).toMatch(/^Not sent: muted by m1 of .*@reader:localhost/);

    await say('!unmute');
    const notice = await untilShown('ended a mute');
    expect(notice).toContain('Held back: 1 event about 1 post.');
    expect(notice).toContain('Held back title');
    expect((await shown()).filter((message) => message.includes('ended a mute'))).toHaveLength(1);
  });

  it('add a room that is not configured, and follow it when it is replaced', async () => {
    const { reader, bot } = stage.matrix;
    const room = await reader.createRoom({ invite: [bot] });
    await waitUntil(
      'the bot joined by invitation',
      () => stage.lookout.said.find((line) => line.includes(`joined ${room} by invitation`)),
      { timeoutMs: PATIENCE_MS },
    );
    await say('!lookout subscribe posts#create --template mark', reader, room);
    await untilShown('This room now receives posts#create', room);
    await stage.emit([post(1010, 'create', 'Old room')]);
    await untilShown('mark|Post|create|1010', room);

    const next = await reader.upgrade(room);
    await reader.invite(next, bot);
    await waitUntil(
      'the room was followed',
      () => stage.lookout.said.find((line) => line.includes(`followed ${room}`)),
      {
        timeoutMs: PATIENCE_MS,
        describe: () => stage.lookout.said.slice(-10),
      },
    );
    await stage.emit([post(1011, 'create', 'New room')]);
    await untilShown('mark|Post|create|1011', next);
    await say('!subscriptions', reader, next);
    await untilShown('by reader (@reader:localhost)', next);
  });

  it('that were written while Lookout did not run are not run later', async () => {
    await stage.lookout.kill();
    await say('!subscribe flag_logs#create');
    await startAgain();
    await say('!help quiet');
    await untilShown('quiet <hours>');
    expect((await shown()).join('\n')).not.toMatch(/(?:now receives|Subscribed to) flag_logs#create/);
  });

  it('are run completely and once, or not at all, whenever Lookout is killed', async () => {
    const random = createRandom(seedForThisRun());
    const { proxy } = stage.matrix;
    const made: string[] = [];
    const subscribe = async () => {
      const where = `object.id > ${900_000 + made.length}`;
      made.push(where);
      await say(`!subscribe feedbacks#create --where ${where}`);
    };
    const again = async () => {
      await stage.lookout.kill();
      proxy.letGo();
      await startAgain();
    };
    for (const delayMs of [0, 25, 60].map((least) => least + random.integer(25))) {
      await subscribe();
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await again();
    }
    const mayBeMissing = new Set(made);
    // Once before the answer is sent, and once before the homeserver's reply to it arrives.
    for (const when of ['before', 'after'] as const) {
      const held = proxy.holdNextMessage(when);
      await subscribe();
      await stage.lookout.whileRunning(held);
      await again();
      await untilShown(`Subscribed to feedbacks#create where ${made.at(-1)}`);
    }
    await say('!help unmute');
    await untilShown('End a mute early');
    const audited = stage.outbox.changes();
    for (const where of made) {
      const changes = audited.filter((what) => what.includes(`where ${where} (`)).length;
      // One that was not read before the kill is older than the next start.
      expect(changes).toBeOneOf(mayBeMissing.has(where) ? [0, 1] : [1]);
      expect(
        (await shown()).filter((text) => text.includes(`Subscribed to feedbacks#create where ${where}.`)),
      ).toHaveLength(changes);
    }
    await say('!subscriptions');
    const list = await untilShown(`where ${made.at(-1)}, by`);
    const ran = made.filter((where) => audited.some((what) => what.includes(`where ${where} (`)));
    for (const where of ran) expect(list).toContain(`where ${where}, by reader (@reader:localhost)`);
  });

  // This test is the last one, because people without permission get few answers, and the unconfigured room above used
  // up some of them.
  it('change nothing for a third account, which may only read', async () => {
    const stranger = await stage.matrix.createUser('stranger');
    await stage.matrix.reader.invite(looks, stranger);
    await stranger.join(looks);
    const before = stage.outbox.changes().length;
    await say('!mute for 2h', stranger);
    await untilShown('mute changes what this room receives, and you may not');
    await say('!status', stranger);
    await untilShown('Version');
    expect(stage.outbox.changes()).toHaveLength(before);
  });
});
