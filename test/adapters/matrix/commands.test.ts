import { afterEach, describe, expect, it } from 'vitest';
import type { Invocation } from '../../../src/commands/invocation.ts';
import { until } from '../../support/until.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const you = '@you:fake.test';

describe('commands in a Matrix room', () => {
  let rig: Rig;
  let invocations: Invocation[];

  afterEach(() => rig.stop());

  async function start(options: Parameters<typeof startRig>[0] = {}): Promise<void> {
    invocations = [];
    rig = await startRig({ people: { run: record }, ...options });
  }
  const record = async (invocation: Invocation) => {
    invocations.push(invocation);
    return { message: message(`answer to ${invocation.asker.id}`), private: true };
  };
  /** A room that the bot is in before it looks for the first time. */
  const room = (options: Parameters<Rig['homeserver']['rooms']['create']>[0] = {}) =>
    rig.homeserver.rooms.create({
      ...options,
      members: { [bot]: 'join', [you]: 'join', '@other:fake.test': 'join', ...options.members },
    });
  const write = (id: string, body: string, content: Record<string, unknown> = {}, ageMs = 0) =>
    rig.homeserver.rooms.add(
      id,
      { type: 'm.room.message', sender: you, content: { msgtype: 'm.text', body, ...content } },
      ageMs,
    );
  const answers = (id: string) => rig.homeserver.rooms.get(id).events.filter(({ sender }) => sender === bot);
  const messages = (id: string) => answers(id).filter(({ type }) => type === 'm.room.message');
  const syncs = () => rig.homeserver.seen.filter(({ path }) => path === '/sync');
  const follow = async () => {
    await rig.adapter.login(unhurried);
    await until(() => syncs().some(({ query }) => query.get('timeout') === '30000'));
  };
  const saved = () => until(() => rig.position === `s${rig.homeserver.rooms.stream}`);

  it('bring the name that their author has in the room', async () => {
    await start();
    const id = room();
    await follow();
    rig.homeserver.rooms.setState(id, 'm.room.member', { membership: 'join', displayname: 'Ada' }, you, you);
    write(id, '!status');
    await until(() => messages(id).length === 1);
    expect(await invocations[0]?.asker.name?.()).toBe('Ada');
  });

  it('may begin with the name that the bot has in the room', async () => {
    await start();
    const id = room();
    rig.homeserver.rooms.setState(id, 'm.room.member', { membership: 'join', displayname: 'Smoke Bot' }, bot, bot);
    await follow();
    write(id, '@Somebody Else status');
    write(id, '@Smoke Bot status');
    await until(() => messages(id).length === 1);
    expect(invocations.map(({ said }) => said)).toEqual([{ kind: 'line', text: 'status' }]);
  });

  it('are answered with a notice that replies in a thread of the command', async () => {
    await start();
    const id = room();
    await follow();
    const command = write(id, '!status');
    await until(() => messages(id).length === 1);
    expect(messages(id)[0]?.content).toMatchObject({
      msgtype: 'm.notice',
      body: `answer to \`${you}\``,
      'm.mentions': {},
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: command,
        is_falling_back: true,
        'm.in_reply_to': { event_id: command },
      },
    });
    expect(invocations).toEqual([
      {
        key: `matrix:${command}`,
        platform: 'matrix',
        room: id,
        direct: false,
        asker: { id: you, name: expect.any(Function), roles: [], manages: false, power: 0 },
        said: { kind: 'line', text: 'status' },
        answered: 'counted',
        about: null,
        isOld: false,
      },
    ]);
    await saved();
  });

  it('are those of people who may change the room by its state_default, read afresh', async () => {
    await start();
    const id = room({ powerLevels: { users: { [you]: 50 } } });
    await follow();
    write(id, '!mute');
    await until(() => invocations.length === 1);
    rig.homeserver.rooms.setState(id, 'm.room.power_levels', { users: { [you]: 50 }, state_default: 75 });
    write(id, '!mute');
    await until(() => invocations.length === 2);
    expect(invocations.map(({ asker }) => asker.manages)).toEqual([true, false]);
  });

  it('stay in the thread that they were written in, and are about what they reply to', async () => {
    await start();
    const id = room();
    await follow();
    write(id, '!why', { 'm.relates_to': { 'm.in_reply_to': { event_id: '$about' } } });
    write(id, '!why', { 'm.relates_to': { rel_type: 'm.thread', event_id: '$root' } });
    await until(() => messages(id).length === 2);
    expect(invocations.map(({ about }) => about)).toEqual(['$about', null]);
    expect(messages(id)[1]?.content['m.relates_to']).toMatchObject({ event_id: '$root' });
  });

  it('are not what was written before we first looked, hours ago, or to others', async () => {
    await start();
    const id = room();
    write(id, '!status');
    await follow();
    write(id, '!status', {}, 3_700_000);
    write(id, 'hello there');
    write(id, '!help');
    await until(() => messages(id).length === 1);
    expect(invocations.map(({ said }) => said)).toEqual([{ kind: 'line', text: 'help' }]);
  });

  it('are not those of other bots, unless they are written to us', async () => {
    await start({ people: { run: record, isForUs: (line) => line.startsWith('status') } });
    const [id, ours] = [room(), room({ creator: you, members: { '@other:fake.test': 'leave' } })];
    await follow();
    write(id, '!play song');
    write(id, `${bot} play song`);
    write(ours, '!play it here');
    write(id, '!status');
    await until(() => messages(id).length + messages(ours).length === 3);
    expect(invocations.map(({ said }) => 'text' in said && said.text)).toEqual(['play song', 'status', 'play it here']);
  });

  it('are old if they were written before the start, by whatever clock', async () => {
    await start();
    const id = room();
    rig.position = `s${rig.homeserver.rooms.stream}`;
    rig.clock.set(600_000);
    write(id, '!mute', {}, 60_000);
    await follow();
    await until(() => messages(id).length === 1);
    write(id, '!status', {}, 60_000);
    await until(() => messages(id).length === 2);
    expect(invocations.map(({ isOld }) => isOld)).toEqual([true, false]);
  });

  it('are old if they were written before the start, however long those before them take', async () => {
    await start({
      people: {
        async run(invocation) {
          await rig.clock.advance(120_000);
          return record(invocation);
        },
      },
    });
    const id = room();
    rig.position = `s${rig.homeserver.rooms.stream}`;
    rig.clock.set(600_000);
    write(id, '!status', {}, 60_000);
    write(id, '!mute', {}, 60_000);
    await follow();
    await until(() => messages(id).length === 2);
    expect(invocations.map(({ isOld }) => isOld)).toEqual([true, true]);
  });

  it('are not old though the clocks of their servers are behind', async () => {
    await start();
    const id = room();
    await follow();
    rig.clock.set(10_800_000);
    const event = { type: 'm.room.message', sender: you, content: { msgtype: 'm.text', body: '!status' } };
    rig.homeserver.rooms.add(id, { ...event, unsigned: { age: 5 } }, 7_200_000);
    await until(() => messages(id).length === 1);
    expect(invocations.map(({ isOld }) => isOld)).toEqual([false]);
  });

  it('are no reactions, neither ours nor those of others', async () => {
    await start();
    const id = room({ members: { '@other:fake.test': 'leave' } });
    await follow();
    const command = write(id, '!help');
    await until(() => messages(id).length === 1);
    const relation = { rel_type: 'm.annotation', event_id: command, key: '!status' };
    for (const sender of [you, bot])
      rig.homeserver.rooms.add(id, {
        type: 'm.reaction',
        sender,
        content: { 'm.relates_to': relation, body: '!status' },
      });
    write(id, '!why');
    await until(() => messages(id).length === 2);
    expect(invocations.map(({ said }) => said)).toEqual([
      { kind: 'line', text: 'help' },
      { kind: 'line', text: 'why' },
    ]);
  });

  it('need no prefix in a conversation with the bot alone', async () => {
    await start();
    const id = room({ creator: you, members: { '@other:fake.test': 'leave' } });
    await follow();
    write(id, 'status');
    await until(() => messages(id).length === 1);
    expect(invocations[0]).toMatchObject({ direct: true, said: { text: 'status' } });
  });

  it('of whoever said too much cost no request', async () => {
    invocations = [];
    const run = async () => ({ message: message('never'), private: true });
    rig = await startRig({ people: { run, ignores: (asker) => asker === you } });
    const id = room();
    await follow();
    const before = rig.homeserver.seen.filter(({ path }) => path !== '/sync').length;
    write(id, '!status');
    await saved();
    expect(rig.homeserver.seen.filter(({ path }) => path !== '/sync').length).toBe(before);
  });

  it('get no answer in an encrypted room', async () => {
    await start();
    const encrypted = room({ encrypted: true });
    const id = room();
    await follow();
    write(encrypted, '!status');
    write(id, '!status');
    await until(() => messages(id).length === 1);
    expect(messages(encrypted)).toEqual([]);
    expect(invocations).toHaveLength(1);
  });

  it('are shown one answer, though they come again when the position could not be saved', async () => {
    const stored: string[] = [];
    let failing = true;
    const save = async (_: unknown, token: string) => {
      if (failing && invocations.length > 0) throw new Error('disk full');
      stored.push(token);
    };
    await start({ position: { load: async () => stored.at(-1) ?? null, save } });
    const id = room();
    await follow();
    write(id, '!status');
    await until(() => messages(id).length === 1);
    await rig.adapter.stop();
    failing = false;
    const before = rig;
    const again = async (invocation: Invocation) => {
      invocations.push(invocation);
      return { message: message('again'), private: true };
    };
    const second = await startRig({
      homeserver: before.homeserver.url,
      people: { run: again },
      position: { load: async () => stored.at(-1) ?? null, save },
    });
    try {
      await second.adapter.login(unhurried);
      await until(() => invocations.length === 2 && stored.at(-1) === `s${before.homeserver.rooms.stream}`);
      expect(invocations[1]?.key).toBe(invocations[0]?.key);
      expect(messages(id)).toHaveLength(1);
    } finally {
      await second.stop();
    }
  });

  it('are answered after the wait that the homeserver asked for', async () => {
    await start();
    const id = room();
    await follow();
    rig.homeserver.next(/^PUT /, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 3_000 } });
    write(id, '!status');
    await until(() => rig.waits(3_000));
    expect(messages(id)).toEqual([]);
    await rig.clock.advance(3_000);
    await until(() => messages(id).length === 1);
  });

  it('are answered in other rooms while one waits, in order within it, and the position waits for all', async () => {
    await start();
    const [slow, fast] = [room(), room()];
    await follow();
    const limited = { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 50_000 } };
    const free = rig.homeserver.always(new RegExp(`^PUT /rooms/${slow}/`), limited);
    const { position } = rig;
    const commands = [write(slow, '!one'), write(slow, '!two')];
    await until(() => rig.waits(50_000));
    write(fast, '!status');
    await until(() => messages(fast).length === 1);
    expect([messages(slow).length, invocations.length, rig.position]).toEqual([0, 3, position]);
    free();
    await rig.clock.advance(50_000);
    await until(() => messages(slow).length === 2);
    const roots = messages(slow).map(({ content }) => content['m.relates_to']);
    expect(roots).toEqual(commands.map((id) => expect.objectContaining({ event_id: id })));
    rig.homeserver.rooms.setState(fast, 'm.room.power_levels', {});
    await saved();
  });

  it('are given up after five tries', async () => {
    await start();
    const id = room();
    await follow();
    const limited = { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2_000 } };
    rig.homeserver.always(/^PUT /, limited);
    write(id, '!status');
    for (let tried = 1; tried < 5; tried++) {
      await until(() => rig.waits(2_000));
      await rig.clock.advance(2_000);
    }
    await until(() => rig.said.join().includes('given up'));
    expect(rig.homeserver.seen.filter(({ method }) => method === 'PUT')).toHaveLength(5);
  });

  it('are not what was written to others before we came', async () => {
    await start();
    await follow();
    const id = rig.homeserver.rooms.create({ members: { [you]: 'join' } });
    await rig.clock.advance(10_000);
    rig.homeserver.rooms.setMembership(id, bot, 'join');
    await saved();
    write(id, '!mute', {}, 5_000);
    write(id, '!help');
    await until(() => messages(id).length === 1);
    expect(invocations.map(({ said }) => said)).toEqual([{ kind: 'line', text: 'help' }]);
  });

  it('ask who is in a room once, until people come or go', async () => {
    await start();
    const id = room({ creator: you, members: { '@other:fake.test': 'leave' } });
    await follow();
    const asked = () => rig.homeserver.seen.filter(({ path }) => path.endsWith('/joined_members')).length;
    write(id, 'one');
    await until(() => messages(id).length === 1);
    write(id, 'two');
    await until(() => messages(id).length === 2);
    expect(asked()).toBe(1);
    rig.homeserver.rooms.setMembership(id, '@other:fake.test', 'join');
    write(id, 'three');
    write(id, '!four');
    await until(() => messages(id).length === 3);
    expect([asked(), invocations.map(({ said }) => said)]).toEqual([
      2,
      ['one', 'two', 'four'].map((text) => ({ kind: 'line', text })),
    ]);
  });

  it('are run though one of them failed on our side', async () => {
    let calls = 0;
    const run = async () => {
      if (calls++ === 0) throw new Error('broken');
      return { message: message('fine'), private: true };
    };
    await start({ people: { run } });
    const id = room();
    await follow();
    write(id, '!one');
    write(id, '!two');
    await until(() => messages(id).length === 1);
    expect(rig.said.join()).toContain('could not be answered');
  });
});
