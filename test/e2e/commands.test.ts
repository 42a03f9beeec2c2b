import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, startStage } from './support/stage.ts';
import { waitUntil } from './support/wait-until.ts';

describe('commands on a real homeserver', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage({ matrix: { limits: 'off', rooms: ['looks'] } });
    await stage.untilSubscribed();
  });

  afterAll(() => stage?.stop());

  /** What the room shows of the bot, as text, oldest first. */
  async function shown(): Promise<readonly string[]> {
    const messages = await stage.matrix.reader.messages(stage.matrix.rooms.looks);
    return messages
      .filter(({ sender }) => sender === stage.matrix.bot.id)
      .map(({ content }) => String(content.body).replaceAll('`', ''));
  }
  async function untilShown(text: string): Promise<string> {
    const look = async () => (await shown()).find((message) => message.includes(text));
    return waitUntil(`"${text}" in the room`, look, {
      timeoutMs: 30_000,
      describe: async () => [await shown(), stage.lookout.said.slice(-10)],
    });
  }
  const say = (text: string) => stage.matrix.reader.send(stage.matrix.rooms.looks, text);

  const post = (id: number, type: 'create' | 'update', title: string) => ({
    event_type: type,
    event_class: 'Post',
    object: { id, title, user_reputation: 1, updated_at: `2026-11-24T10:00:${String(id % 60).padStart(2, '0')}.000Z` },
  });

  it('let a second account subscribe, mute, be told, unmute, and read what was held back', async () => {
    await untilRoomIsJoined();
    await say('!subscribe posts#update --where object.user_reputation < 50 --template mark');
    await untilShown('This room now hears posts#update where object.user_reputation < 50');
    await waitUntil(
      'the source asked for it',
      () => (stage.lookout.said.some((line) => line.includes('is asked for other events')) ? true : undefined),
      { timeoutMs: 30_000 },
    );
    await stage.emit([post(1001, 'create', 'First'), post(1001, 'update', 'First')]);
    await untilShown('mark|Post|update|1001');

    await say('!mute for 2h a known wave');
    await untilShown('Muted the whole room until');
    await stage.emit([post(1002, 'create', 'Held back title')]);
    await stage.untilSettled(30_000);
    await say('!why post:1002');
    expect(await untilShown('posts#create post:1002')).toContain('muted by m1 of @reader:localhost');

    await say('!unmute');
    const notice = await untilShown('ended a mute');
    expect(notice).toContain('Held back: 1 post.');
    expect(notice).toContain('Held back title');
    expect((await shown()).filter((message) => message.includes('ended a mute'))).toHaveLength(1);
  });

  /** The answer to a first command shows that the bot is in the room and reads it. */
  async function untilRoomIsJoined(): Promise<void> {
    await stage.emit([post(1000, 'create', 'Before')]);
    await untilShown('Before');
  }
});
