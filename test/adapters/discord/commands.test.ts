import { afterEach, describe, expect, it } from 'vitest';
import type { DiscordCommands } from '../../../src/adapters/discord/front.ts';
import type { Completion } from '../../../src/commands/complete.ts';
import type { Answer, Invocation } from '../../../src/commands/invocation.ts';
import { messageOf, paragraph } from '../../../src/render/say.ts';
import { commandTable } from '../../support/command-table.ts';
import type { Permission } from '../../support/discord/double.ts';
import { until } from '../../support/until.ts';
import { posting, type Rig, startRig, unhurried } from './rig.ts';

const writes = /^PUT .*\/commands$/;

describe('commands on Discord', () => {
  let rig: Rig;
  let channel: string;
  let invocations: Invocation[];
  let completions: Completion[];
  let answer: (invocation: Invocation) => Promise<Answer | null>;

  afterEach(() => rig.stop());

  const says = (text: string, isPrivate = true): Answer => ({
    message: messageOf([paragraph(text)]),
    private: isPrivate,
  });
  /** The commands of the table, and two in the menu of a message. */
  const count = commandTable().length + 3;
  const owner = { id: '4242', roles: ['77'], may: ['ViewChannel', 'ManageChannels'] as readonly Permission[] };
  const reader = { id: '4243', may: ['ViewChannel'] as readonly Permission[] };

  async function start(options: Partial<DiscordCommands> = {}, before: () => void = () => {}): Promise<void> {
    invocations = [];
    completions = [];
    answer = async () => says('done');
    rig = await startRig({
      people: {
        table: commandTable(),
        async run(invocation) {
          invocations.push(invocation);
          return answer(invocation);
        },
        async complete(completion) {
          completions.push(completion);
          return [{ name: 'posts', value: 'posts' }];
        },
      },
      ...options,
    });
    channel = rig.discord.createChannel();
    before();
    await rig.adapter.login(unhurried);
    await until(() => rig.discord.gateway.identified === 1);
  }
  const registered = () => until(() => rig.discord.commands().length > 0);

  describe('are registered', () => {
    it('globally, with options, and hidden from those who may not change a room', async () => {
      await start();
      await registered();
      const subscribe = rig.discord.commands().find(({ name }) => name === 'subscribe');
      expect(subscribe).toMatchObject({ type: 1, default_member_permissions: '16' });
      expect(subscribe?.options).toMatchObject([
        { name: 'events', type: 3, required: true, autocomplete: true },
        { name: 'where', autocomplete: true },
        { name: 'template', autocomplete: true },
      ]);
      const names = rig.discord.commands().map(({ type, name }) => `${type} ${name}`);
      expect(names).toContain('3 Mute events like this');
      expect(names).toHaveLength(count);
      expect(rig.discord.commands().find(({ name }) => name === 'status')?.default_member_permissions).toBeNull();
    });

    it('only when they changed', async () => {
      await start();
      await registered();
      rig.discord.gateway.forget();
      rig.discord.gateway.drop();
      for (let step = 0; rig.discord.gateway.identified < 2 && step < 2_000; step++) await rig.clock.advance(100);
      await until(() => rig.asked(/^GET .*\/commands$/).length >= 3);
      expect(rig.asked(writes)).toHaveLength(1);
    });

    it('in the servers that the configuration names, and nowhere else any more', async () => {
      let other = '';
      const guilds: string[] = [];
      await start({ guilds }, () => {
        other = rig.discord.createChannel();
        guilds.push(rig.discord.guildOf(channel));
      });
      await until(() => rig.discord.commands(guilds[0]).length === count);
      await until(() => rig.asked(/^GET .*\/commands$/).length >= 3);
      expect(rig.discord.commands()).toEqual([]);
      expect(rig.discord.commands(rig.discord.guildOf(other))).toEqual([]);
    });

    it('and what an earlier configuration left elsewhere is removed, but for what others put there', async () => {
      const guilds: string[] = [];
      await start({ guilds }, () => guilds.push(rig.discord.guildOf(channel)));
      await until(() => rig.discord.commands(guilds[0]).length === count);
      const put = await fetch(`${rig.discord.url}/v10/applications/${rig.discord.bot.id}/commands`, {
        method: 'PUT',
        headers: {
          authorization: `Bot ${rig.discord.bot.token}`,
          'content-type': 'application/json',
          'user-agent': 'DiscordBot (https://example.org, 1.0)',
        },
        body: JSON.stringify([
          { type: 1, name: 'mute', description: 'Ours, of before' },
          { type: 1, name: 'dance', description: 'Somebody else’s' },
        ]),
      });
      expect(put.status).toBe(200);
      rig.discord.gateway.forget();
      rig.discord.gateway.drop();
      for (let step = 0; rig.discord.gateway.identified < 2 && step < 2_000; step++) await rig.clock.advance(100);
      await until(() => rig.discord.commands().length === 1);
      expect(rig.discord.commands()[0]?.name).toBe('dance');
    });

    it('for everyone to see where the configuration lets others change rooms', async () => {
      await start({ shownToAll: true });
      await registered();
      expect(rig.discord.commands().every((each) => each.default_member_permissions === null)).toBe(true);
    });

    it('under one name if the configuration says so, which takes the place of the others', async () => {
      await start({ form: 'grouped' });
      await until(() => rig.discord.commands().length === 4);
      const [group] = rig.discord.commands();
      expect(group).toMatchObject({ type: 1, name: 'lookout', default_member_permissions: null });
      expect(group?.options?.map(({ name }) => name)).toEqual(commandTable().map(({ name }) => name));
      rig.discord.gateway.forget();
      rig.discord.gateway.drop();
      for (let step = 0; rig.discord.gateway.identified < 2 && step < 2_000; step++) await rig.clock.advance(100);
      await until(() => rig.asked(/^GET .*\/commands$/).length >= 3);
      expect(rig.asked(writes)).toHaveLength(1);
    });

    it('or the log says why not, without its being the end of anything', async () => {
      await start({ guilds: ['123456789012345678'] });
      await until(() => rig.said.some((line) => line.includes('invited with applications.commands?')));
      const sent = await rig.adapter.resolve(channel, unhurried);
      expect(sent.outcome).toBe('resolved');
    });
  });

  it('say who asked, where, and what they may do there', async () => {
    await start();
    await registered();
    const { id, answer: shown } = rig.discord.act(channel, owner, {
      slash: 'mute',
      options: { events: 'posts', time: 'for 2h' },
    });
    expect(await shown).toMatchObject({ isPublic: false, content: 'done' });
    expect(invocations).toEqual([
      {
        key: `discord:${id}`,
        platform: 'discord',
        room: channel,
        direct: false,
        asker: { id: '4242', name: expect.any(Function), roles: ['77'], manages: true, power: null },
        said: { kind: 'options', command: 'mute', options: { events: 'posts', time: 'for 2h' } },
        answered: 'free',
        about: null,
      },
    ]);
    expect(await invocations[0]?.asker.name?.()).toBe('user4242');
    await rig.discord.act(channel, reader, { slash: 'status' }).answer;
    expect(invocations[1]?.asker).toMatchObject({ id: '4243', roles: [], manages: false, power: null });
  });

  it('run and are completed in the same way if they are grouped under one name', async () => {
    await start({ form: 'grouped' });
    await registered();
    await rig.discord.act(channel, owner, { slash: 'lookout mute', options: { events: 'posts' } }).answer;
    expect(invocations[0]?.said).toEqual({ kind: 'options', command: 'mute', options: { events: 'posts' } });
    const typing = { type: 'lookout subscribe', option: 'where', text: 'object.', options: { events: 'posts' } };
    await rig.discord.act(channel, owner, typing).answer;
    expect(completions).toMatchObject([
      { command: 'subscribe', option: 'where', typed: 'object.', given: { events: 'posts' } },
    ]);
    await rig.discord.act(channel, owner, { menu: 'Why is this here?', message: '556' }).answer;
    expect(invocations[1]).toMatchObject({ said: { command: 'why' }, about: '556' });
  });

  it('are one’s own in a direct conversation', async () => {
    await start();
    await registered();
    const dm = rig.discord.createChannel({ kind: 'dm' });
    await rig.discord.act(dm, { id: '4243' }, { slash: 'status' }).answer;
    expect(invocations[0]).toMatchObject({ direct: true, asker: { id: '4243', manages: true } });
  });

  it('are answered to all where all are concerned', async () => {
    await start();
    await registered();
    answer = async () => says('muted <@1> @everyone', false);
    const shown = await rig.discord.act(channel, owner, { slash: 'mute' }).answer;
    expect(shown.isPublic).toBe(true);
  });

  it('show a long answer whole, within the limits', async () => {
    await start();
    await registered();
    answer = async () => ({
      message: messageOf(Array.from({ length: 90 }, (_, index) => paragraph(`${index} ${'word '.repeat(8)}`))),
      private: true,
    });
    const shown = await rig.discord.act(channel, reader, { slash: 'subscriptions' }).answer;
    expect(String(shown.embeds[0]?.description)).toMatch(/^0 word[\s\S]*80 word/);
  });

  it('are put off when they take longer, and answered then', async () => {
    await start();
    await registered();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answer = () => promise;
    const seeing = rig.discord.act(channel, owner, { slash: 'mute' });
    await until(() => invocations.length === 1);
    await rig.clock.advance(2_000);
    await until(() => seeing.isDeferred);
    await rig.clock.advance(20_000);
    resolve(says('at last'));
    expect(await seeing.answer).toMatchObject({ isPublic: false, content: 'at last' });
  });

  it('from a message’s menu or button are about that message', async () => {
    await start();
    await registered();
    await rig.discord.act(channel, owner, { menu: 'Mute events like this', message: '555' }).answer;
    await rig.discord.act(channel, owner, { menu: 'Why is this here?', message: '556' }).answer;
    await rig.discord.act(channel, owner, { press: 'lookout:mute', message: '557' }).answer;
    await rig.discord.act(channel, owner, { menu: 'Show post', message: '558' }).answer;
    await rig.discord.act(channel, owner, { press: 'lookout:show', message: '559' }).answer;
    expect(invocations.map(({ said, about }) => [said.kind === 'options' && said.command, about])).toEqual([
      ['mute', '555'],
      ['why', '556'],
      ['mute', '557'],
      ['show', '558'],
      ['show', '559'],
    ]);
  });

  it('of a button below an answer run what the answer offered', async () => {
    await start();
    await registered();
    const offers = [
      { label: '1h', line: 'mute for 1h', about: '557' },
      { label: 'Undo', line: 'unmute m12', about: null },
    ];
    answer = async () => ({ ...says('For how long?'), offers });
    const { buttons } = await rig.discord.act(channel, owner, { press: 'lookout:mute', message: '557' }).answer;
    expect(Object.keys(buttons)).toEqual(['1h', 'Undo']);
    for (const press of Object.values(buttons)) await rig.discord.act(channel, owner, { press, message: '600' }).answer;
    expect(invocations.map(({ said, about, pressed }) => [said, about, pressed])).toEqual([
      [{ kind: 'options', command: 'mute', options: {} }, '557', true],
      [{ kind: 'line', text: 'mute for 1h' }, '557', true],
      [{ kind: 'line', text: 'unmute m12' }, null, true],
    ]);
  });

  it('of a button that nobody knows are answered politely', async () => {
    await start();
    await registered();
    const shown = await rig.discord.act(channel, owner, { press: 'old:thing', message: '557' }).answer;
    expect(shown).toMatchObject({ isPublic: false, content: expect.stringContaining('does not know this button') });
    expect(invocations).toEqual([]);
  });

  it('are completed while they are typed', async () => {
    await start();
    await registered();
    const deed = { type: 'subscribe', option: 'where', text: 'object.', options: { events: 'posts' } };
    const { choices } = await rig.discord.act(channel, owner, deed).answer;
    expect(choices).toEqual([{ name: 'posts', value: 'posts' }]);
    expect(completions).toEqual([
      {
        command: 'subscribe',
        option: 'where',
        typed: 'object.',
        given: { events: 'posts' },
        platform: 'discord',
        room: channel,
        direct: false,
      },
    ]);
  });

  it('whose author Discord lets wait no more are answered in the channel, if they changed something', async () => {
    await start();
    await registered();
    const stale = { status: 404, body: { message: 'Unknown interaction', code: 10_062 } };
    answer = async () => says('muted', false);
    rig.discord.next(/callback$/, stale);
    rig.discord.act(channel, owner, { slash: 'mute' });
    await until(() => rig.discord.messages(channel).length === 1);
    expect(rig.discord.messages(channel)[0]?.content).toBe('muted');
    answer = async () => says('for you alone');
    rig.discord.next(/callback$/, stale);
    rig.discord.act(channel, reader, { slash: 'status' });
    await until(() => rig.asked(/callback$/).length === 2);
    await rig.discord.act(channel, reader, { slash: 'status' }).answer;
    expect(rig.asked(posting)).toHaveLength(1);
  });

  it.each([
    ['lost', { lost: 'done' as const }],
    [
      'refused for a while',
      {
        status: 429,
        body: { message: 'm', retry_after: 0.3, global: false, code: 0 },
        headers: { 'x-ratelimit-scope': 'user', 'retry-after': '1' },
      },
    ],
    ['an error of Discord’s', { status: 502 }],
  ])('whose answer was %s are answered once', async (_, trouble) => {
    await start();
    await registered();
    rig.discord.next(/callback$/, trouble);
    const seeing = rig.discord.act(channel, owner, { slash: 'status' });
    await until(() => invocations.length === 1 && rig.asked(/callback$/).length === 1);
    for (let step = 0; rig.asked(/callback$/).length < 2 && step < 200; step++) await rig.clock.advance(10);
    await seeing.answer;
    expect(invocations).toHaveLength(1);
  });

  it('whose token is too old say nothing of the bot’s', async () => {
    await start();
    await registered();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answer = () => promise;
    const seeing = rig.discord.act(channel, owner, { slash: 'mute' });
    await until(() => invocations.length === 1);
    await rig.clock.advance(2_000);
    await until(() => seeing.isDeferred);
    await rig.clock.advance(16 * 60_000);
    resolve(says('too late'));
    await until(() => rig.said.some((line) => line.includes('a command got no answer')));
    expect(await rig.adapter.resolve(channel, unhurried)).toMatchObject({ outcome: 'resolved' });
  });

  it('that nobody could have meant are left alone', async () => {
    await start();
    await registered();
    for (const nonsense of [
      null,
      1,
      'x',
      [],
      {},
      { id: 'x' },
      { id: '1', application_id: '1', type: 2, token: '../../x' },
    ])
      rig.discord.gateway.dispatch('INTERACTION_CREATE', nonsense);
    await rig.discord.act(channel, reader, { slash: 'status' }).answer;
    expect(invocations).toHaveLength(1);
  });

  it('add buttons to what shows an event, and to nothing else', async () => {
    await start();
    const event = { ...messageOf([paragraph('A post')]), link: 'https://metasmoke.erwaysoftware.com/post/1' };
    const key = 'k'.repeat(22);
    expect(JSON.parse(rig.adapter.format(event, key, channel)).components).toMatchObject([
      {
        components: [
          { label: 'Show post', custom_id: 'lookout:show' },
          { label: 'Mute events like this', custom_id: 'lookout:mute' },
        ],
      },
    ]);
    const ofOther = { ...event, link: 'https://metasmoke.erwaysoftware.com/posts' };
    expect(JSON.parse(rig.adapter.format(ofOther, key, channel)).components).toMatchObject([
      { components: [{ custom_id: 'lookout:mute' }] },
    ]);
    expect(JSON.parse(rig.adapter.format(messageOf([paragraph('A notice')]), key, channel)).components).toBeUndefined();
    expect((await rig.adapter.resolve(channel, unhurried)).outcome).toBe('resolved');
    const sent = await rig.adapter.send(
      { room: channel, key, payload: rig.adapter.format(event, key, channel) },
      unhurried,
    );
    expect(sent.outcome).toBe('sent');
  });
});
