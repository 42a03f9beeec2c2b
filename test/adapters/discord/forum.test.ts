import { afterEach, describe, expect, it } from 'vitest';
import type { SendAction } from '../../../src/adapters/adapter.ts';
import type { Invocation } from '../../../src/commands/invocation.ts';
import type { Message } from '../../../src/render/message.ts';
import { messageOf, paragraph } from '../../../src/render/say.ts';
import { commandTable } from '../../support/command-table.ts';
import type { ChannelOptions } from '../../support/discord/channels.ts';
import { until } from '../../support/until.ts';
import { type Rig, type RigOptions, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);
const posting = /^POST \/channels\/\d+\/threads$/;
const link = 'https://metasmoke.erwaysoftware.com/post/1';
const report: Message = {
  title: [{ kind: 'text', text: 'cheap *pills*' }],
  url: null,
  color: null,
  body: [{ kind: 'paragraph', children: [{ kind: 'text', text: 'by Ann' }] }],
  fields: [],
  footer: null,
  image: null,
  link,
};

describe('a forum on Discord', () => {
  let rig: Rig;
  let room: string;
  afterEach(() => rig.stop());

  async function start(options: ChannelOptions = {}, rigOptions: RigOptions = {}) {
    rig = await startRig(rigOptions);
    await rig.adapter.login(unhurried);
    room = rig.discord.createChannel({ kind: 'forum', ...options });
    return rig.adapter.resolve(room, unhurried);
  }
  const send = (message = report, action?: SendAction, sendKey = key) => {
    const payload = rig.adapter.format(message, sendKey, room);
    return rig.adapter.send({ room, key: sendKey, payload, isAlone: true, ...(action && { action }) }, unhurried);
  };
  const posts = () => rig.discord.threads(room);
  const titles = () => posts().map((post) => rig.discord.post(post).title);

  it('takes a post for each message, with its title and the tags that the forum has', async () => {
    const forum = { title: 'Spam: {title}', tags: ['spam', 'Nope', 'hot'] };
    expect(await start({ tags: ['Spam', 'other', '!hot'] }, { forum })).toMatchObject({ outcome: 'resolved' });
    const [post = ''] = await send().then(posts);
    expect(rig.discord.post(post)).toEqual({ title: 'Spam: cheap *pills*', tags: ['Spam'] });
    expect(rig.discord.messages(post)).toMatchObject([{ id: post, embeds: [{ title: 'cheap \\*pills\\*' }] }]);
    expect(rig.said.filter((line) => line.includes('has no tag "Nope", "hot"'))).toHaveLength(1);
  });

  it('knows a message by its post, in which it is edited, answered and reacted to', async () => {
    await start();
    const first = await send();
    const [post = ''] = posts();
    expect(first).toEqual({ outcome: 'sent', platformId: `${post}/${post}` });
    const target = `${post}/${post}`;
    const edited = { ...report, title: [{ kind: 'text', text: 'deleted' }] } as const;
    expect(await send(edited, { kind: 'edit', target })).toMatchObject({ outcome: 'sent' });
    const reaction = { room, key, payload: '✅', action: { kind: 'react', target } } as const;
    expect(await rig.adapter.send(reaction, unhurried)).toMatchObject({ outcome: 'sent' });
    const second = await send(report, { kind: 'thread', target }, 'other');
    expect(second).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(`^${post}/`) });
    expect(rig.discord.messages(post)).toMatchObject([{ embeds: [{ title: 'deleted' }] }, {}]);
    expect(rig.discord.reactions(post, post)).toEqual(['✅']);
    expect(posts()).toHaveLength(1);
  });

  it('cuts a title to 100 characters, and gives one to a message without', async () => {
    await start();
    await send({ ...report, title: [{ kind: 'text', text: 'word '.repeat(60) }] }, undefined, 'a');
    await send({ ...report, title: null, link: null }, undefined, 'b');
    expect(titles()).toEqual([expect.stringMatching(/^(?:word )+word…$/), 'Report']);
    expect(titles()[0]?.length).toBeLessThanOrEqual(100);
  });

  it('takes the first line for the title where the bot may show no embeds', async () => {
    await start({ without: ['EmbedLinks'] });
    await send();
    expect(titles()).toEqual(['cheap *pills*']);
  });

  it.each([
    ['was deleted', (post: string) => rig.discord.deleteChannel(post)],
    [
      'is locked',
      (post: string) => {
        rig.discord.archive(post);
        rig.discord.setLocked(post, true);
      },
    ],
  ])('takes another post where the first %s', async (_, happen) => {
    await start();
    await send();
    const [post = ''] = posts();
    happen(post);
    const result = await send(report, { kind: 'thread', target: `${post}/${post}` }, 'other');
    const newest = posts().at(-1);
    expect(newest).not.toBe(post);
    expect(result).toEqual({ outcome: 'sent', platformId: `${newest}/${newest}` });
  });

  it('that wants a tag says so', async () => {
    expect(await start({ requiresTag: true, tags: ['spam'] })).toEqual({
      outcome: 'roomBroken',
      reason: 'the forum wants a tag on each post: name one of its tags in chats.discord.forum_tags',
    });
  });

  it.each([
    ['SendMessages', 'Create Posts'],
    ['SendMessagesInThreads', 'Send Messages in Posts'],
  ] as const)('says that the bot lacks %s', async (permission, name) => {
    expect(await start({ without: [permission] })).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining(`the bot lacks ${name}:`),
    });
  });

  it('gathers what is about one subject, and no other kind of channel does', async () => {
    await start();
    const channel = rig.discord.createChannel();
    await rig.adapter.resolve(channel, unhurried);
    expect([room, channel].map((each) => rig.adapter.gathersSubjects(each))).toEqual([true, false]);
  });

  describe('finds a post whose answer was lost', () => {
    const find = (action?: SendAction) =>
      rig.adapter.find(
        {
          room,
          key,
          payload: rig.adapter.format(report, key, room),
          since: rig.clock.now(),
          ...(action && { action }),
        },
        unhurried,
      );
    const lose = async () => {
      rig.discord.next(posting, { lost: 'done' });
      expect(await send()).toMatchObject({ outcome: 'unknown' });
    };

    it('among the active ones', async () => {
      await start();
      await send(report, undefined, 'another');
      await lose();
      const post = posts()[1];
      expect(await find()).toEqual({ outcome: 'found', platformId: `${post}/${post}` });
    });

    it('among the archived ones', async () => {
      await start();
      await lose();
      rig.discord.archive(posts()[0] ?? '');
      expect(await find()).toMatchObject({ outcome: 'found' });
    });

    it('that took the place of a deleted one', async () => {
      await start();
      await send(report, undefined, 'another');
      const [gone = ''] = posts();
      rig.discord.deleteChannel(gone);
      await lose();
      const post = posts().at(-1);
      const action = { kind: 'thread', target: `${gone}/${gone}` } as const;
      expect(await find(action)).toEqual({ outcome: 'found', platformId: `${post}/${post}` });
    });

    it('or knows that it is absent', async () => {
      await start();
      await send(report, undefined, 'another');
      expect(await find()).toEqual({ outcome: 'absent' });
    });
  });

  it('hears the commands that people write in its posts', async () => {
    const heard: Invocation[] = [];
    const people: RigOptions['people'] = {
      table: commandTable(),
      run: async (invocation) => {
        heard.push(invocation);
        return { message: messageOf([paragraph('done')]), private: true };
      },
    };
    await start({}, { people });
    await until(() => rig.discord.commands().length > 0);
    await send();
    const [post = ''] = posts();
    const owner = { id: '4242', may: ['ViewChannel', 'ManageChannels'] as const };
    await rig.discord.act(post, owner, { slash: 'status' }).answer;
    await rig.discord.act(post, owner, { press: 'lookout:mute', message: post }).answer;
    expect(heard).toMatchObject([
      { room, about: null },
      { room, about: `${post}/${post}` },
    ]);
  });

  it('shows a post without its text and title if filters refuse them', async () => {
    await start();
    const blocked = { status: 400, body: { code: 200000, message: 'Message was blocked by automatic moderation' } };
    rig.discord.next(posting, { status: 400, body: { code: 200001, message: 'Title was blocked' } });
    rig.discord.next(posting, blocked);
    expect(await send()).toMatchObject({ outcome: 'sent' });
    const [post = ''] = posts();
    expect(titles()).toEqual(['A report that Discord does not let us show']);
    expect(rig.discord.messages(post)).toMatchObject([
      { content: expect.stringContaining('A report that'), embeds: [] },
    ]);
  });
});
