import { afterEach, describe, expect, it } from 'vitest';
import type { Listener } from '../../../src/adapters/adapter.ts';
import { messageOf, paragraph, typed } from '../../../src/render/say.ts';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const joining = /^POST \/rooms\/.*\/join$/;

describe('invitations on Matrix', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  const start = async (invite: readonly string[], people: Partial<Listener> = {}) => {
    rig = await startRig({ invite, people });
    await rig.adapter.login(unhurried);
    await held();
  };
  const polls = () => rig.homeserver.seen.filter(({ query }) => query.get('timeout') === '30000').length;
  const held = (times = 1) => until(() => polls() >= times);
  const invite = (by: string, options: Parameters<Rig['homeserver']['rooms']['create']>[0] = {}) => {
    const room = rig.homeserver.rooms.create({ creator: by, ...options });
    rig.homeserver.rooms.setMembership(room, bot, 'invite', by);
    return room;
  };
  const membership = (room: string) => rig.homeserver.rooms.membership(room, bot);
  const joins = () =>
    rig.homeserver.seen.filter(({ method, path }) => method === 'POST' && path.endsWith('/join')).length;
  const said = (text: string) => rig.said.filter((line) => line.includes(text));

  it.each([
    ['an allowed user', ['@owner:elsewhere.test'], '@owner:elsewhere.test'],
    ['a user of an allowed server', ['elsewhere.test'], '@anyone:elsewhere.test'],
    ['a user of an allowed server with a port', ['Elsewhere.test:8448'], '@anyone:elsewhere.test:8448'],
  ])('are accepted from %s', async (_, allowed, by) => {
    await start(allowed);
    const room = invite(by);
    await until(() => membership(room) === 'join');
    await until(() => rig.changed.filter((changed) => changed === room).length >= 2);
    expect(said(`joined ${room} by invitation`)).toHaveLength(1);
  });

  it('that are accepted are followed by a greeting, which is not a command’s answer', async () => {
    const greeted: string[] = [];
    await start(['elsewhere.test'], {
      async greet(room) {
        greeted.push(room);
        return greeted.length > 1 ? null : messageOf([paragraph('Hello, try ', typed('help'))]);
      },
    });
    const room = invite('@a:elsewhere.test');
    const sent = () => rig.homeserver.rooms.get(room).events.filter(({ type }) => type === 'm.room.message');
    await until(() => sent().length === 1);
    expect(sent()[0]?.content).toMatchObject({ msgtype: 'm.notice', body: 'Hello, try `!help`' });
    expect(sent()[0]?.content['m.relates_to']).toBeUndefined();
    const second = invite('@a:elsewhere.test');
    await until(() => greeted.includes(second));
    expect(greeted).toEqual([room, second]);
  });

  it.each([
    ['a stranger', ['@owner:elsewhere.test'], '@stranger:elsewhere.test'],
    ['a server whose name merely ends so', ['elsewhere.test'], '@a:evil-elsewhere.test'],
    ['a user whose name is the server’s', ['elsewhere.test'], '@elsewhere.test:evil.test'],
    ['an allowed user of another server', ['@owner:elsewhere.test'], '@owner:evil.test'],
    ['anyone where nobody is allowed', [], '@owner:fake.test'],
  ])('are left alone from %s, and logged once', async (_, allowed, by) => {
    await start(allowed);
    const room = invite(by);
    await held(2);
    rig.homeserver.rooms.setMembership(room, bot, 'leave', by);
    rig.homeserver.rooms.setMembership(room, bot, 'invite', by);
    await held(3);
    expect([membership(room), joins()]).toEqual(['invite', 0]);
    expect(said(`left alone an invitation to ${room}: it is from ${by}`)).toHaveLength(1);
  });

  it('are not believed where the inviter’s server adds an invitation in somebody else’s name', async () => {
    await start(['@owner:fake.test']);
    const room = rig.homeserver.rooms.create({ creator: '@evil:evil.test' });
    const forged = {
      type: 'm.room.member',
      state_key: bot,
      sender: '@owner:fake.test',
      content: { membership: 'invite' },
    };
    rig.homeserver.rooms.get(room).inviteState.push(forged);
    rig.homeserver.rooms.setMembership(room, bot, 'invite', '@evil:evil.test');
    await until(() => said('left alone').length > 0);
    expect([membership(room), joins()]).toEqual(['invite', 0]);
  });

  it('are logged without anything that a stranger wrote', async () => {
    await start([]);
    const evil = '\u001b[31mBUY\u202enow\u2028';
    const room = rig.homeserver.rooms.create({ creator: `@${evil}:evil.test` });
    rig.homeserver.rooms
      .get(room)
      .inviteState.push({ type: 'm.room.name', state_key: '', content: { name: `name ${evil}` } });
    rig.homeserver.rooms.setMembership(room, bot, 'invite', `@${evil}:evil.test`);
    await until(() => said('left alone').length > 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(rig.said.join('')).not.toMatch(/[\u0000-\u0009\u001b\u202e\u2028]|name \?/);
  });

  it('wait as long as the limit on joins asks, as often as it asks', async () => {
    await start(['fake.test']);
    for (let n = 0; n < 7; n++) {
      rig.homeserver.next(joining, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 10_000 } });
    }
    rig.homeserver.next(joining, { status: 504 });
    const room = invite('@owner:fake.test');
    for (let n = 1; n <= 7; n++) {
      await until(() => joins() === n && rig.waits(10_000));
      await rig.clock.advance(9_999);
      expect(joins()).toBe(n);
      await rig.clock.advance(1);
    }
    // None of these was a failed attempt: the first that fails is not the last.
    await until(() => joins() === 8 && rig.waits(5_000));
    await rig.clock.advance(5_000);
    await until(() => membership(room) === 'join');
  });

  it('are not lost when Lookout stops before it has joined', async () => {
    await start(['fake.test']);
    await until(() => rig.position !== null);
    const before = rig.position;
    rig.homeserver.next(joining, { hangs: true });
    const room = invite('@owner:fake.test');
    await rig.homeserver.arrival(joining);
    await held(2);
    expect(rig.position).toBe(before);
    await rig.adapter.stop();
    expect(rig.position).toBe(before);
    await rig.homeserver.stop();

    rig = await startRig({ invite: ['fake.test'], startAt: before ?? '' });
    const again = invite('@owner:fake.test');
    expect(again).toBe(room);
    await rig.adapter.login(unhurried);
    await until(() => membership(again) === 'join' && rig.position === `s${rig.homeserver.rooms.stream}`);
  });

  it('are tried again when the homeserver fails, and given up in the end', async () => {
    await start(['fake.test']);
    const restore = rig.homeserver.always(joining, { status: 504 });
    invite('@owner:fake.test');
    for (let n = 1; n < 5; n++) {
      await until(() => joins() === n && rig.waits(5_000));
      await rig.clock.advance(5_000);
    }
    await until(() => said('could not join').length === 1);
    restore();
    const room = invite('@owner:fake.test');
    await until(() => membership(room) === 'join');
    expect(joins()).toBe(6);
  });

  it('are given up at once when the room does not let us in', async () => {
    await start(['fake.test']);
    rig.homeserver.next(joining, { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'withdrawn' } });
    invite('@owner:fake.test');
    await until(() => said('could not join').length === 1);
    expect(joins()).toBe(1);
  });
});
