import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, unhurried } from './rig.ts';

describe('resolving a Matrix room', () => {
  let rig: Rig;
  const bot = '@bot:fake.test';

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
  });

  afterEach(() => rig.stop());

  const resolve = (address: string) => rig.adapter.resolve(address, unhurried);
  const create = (options: Parameters<Rig['homeserver']['rooms']['create']>[0]) => rig.homeserver.rooms.create(options);
  const joins = () => rig.homeserver.seen.filter(({ method, path }) => method === 'POST' && path.includes('join'));

  it('leaves a room id as it is, and does not join where it is already', async () => {
    const room = create({ members: { [bot]: 'join' } });
    expect(await resolve(room)).toEqual({ outcome: 'resolved', address: room });
    expect(joins()).toEqual([]);
  });

  it('looks up an alias, and joins a public room through the servers that are in it', async () => {
    const room = create({ alias: '#hq:fake.test', public: true });
    expect(await resolve('#hq:fake.test')).toEqual({ outcome: 'resolved', address: room });
    expect(joins().map(({ query }) => query.getAll('via'))).toEqual([['fake.test']]);
    expect(rig.homeserver.rooms.membership(room, bot)).toBe('join');
  });

  it('joins a room that it is invited to, whoever invited it: the operator named the room', async () => {
    const room = create({ members: { [bot]: 'invite' }, creator: '@stranger:elsewhere.test' });
    expect(await resolve(room)).toEqual({ outcome: 'resolved', address: room });
  });

  it('says to invite it where it may not join', async () => {
    expect(await resolve(create({}))).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining(`${bot} is not in the room and may not join by itself: invite it`),
    });
    expect(await resolve('!nowhere:fake.test')).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('invite it'),
    });
  });

  it('says that it is banned', async () => {
    expect(await resolve(create({ members: { [bot]: 'ban' } }))).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('lift the ban'),
    });
  });

  it('says that it is banned where it may not even read that, as Synapse does', async () => {
    const error = 'Cannot join user who was banned';
    rig.homeserver.next(/^POST \/join/, { status: 403, body: { errcode: 'M_BAD_STATE', error } });
    expect(await resolve(create({}))).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('lift the ban'),
    });
  });

  it('says that there is no such alias', async () => {
    expect(await resolve('#nope:fake.test')).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('no room has the alias #nope:fake.test: is it spelled right?'),
    });
  });

  it.each(['', 'smoke', '@user:fake.test', '# a', '!'])('says that %j is no room', async (address) => {
    const before = rig.homeserver.seen.length;
    expect(await resolve(address)).toMatchObject({ outcome: 'roomBroken' });
    expect(rig.homeserver.seen.slice(before).filter(({ path }) => path !== '/sync')).toEqual([]);
  });

  it('refuses a room that is encrypted in a way that is not known', async () => {
    const room = create({ members: { [bot]: 'join' } });
    rig.homeserver.rooms.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v9' });
    expect(await resolve(room)).toMatchObject({
      outcome: 'roomBroken',
      reason: 'the room is encrypted with m.megolm.v9, which Lookout does not know',
    });
  });

  it.each([
    ['by default', { users_default: 0, events_default: 50 }, 50, 0],
    ['for messages', { events: { 'm.room.message': 30 }, users: { [bot]: 20 } }, 30, 20],
    ['in the texts of old rooms', { events_default: '10', users_default: '5' }, 10, 5],
  ])('says which power it lacks %s', async (_, powerLevels, needs, has) => {
    expect(await resolve(create({ members: { [bot]: 'join' }, powerLevels }))).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining(`lacks the power to send m.room.message (needs ${needs}, has ${has})`),
    });
  });

  it.each([
    ['level', { events_default: 50, users: { [bot]: 50 } }],
    ['own rule for messages', { events_default: 50, events: { 'm.room.message': 0 } }],
  ])('sees that its %s is enough', async (_, powerLevels) => {
    expect(await resolve(create({ members: { [bot]: 'join' }, powerLevels }))).toMatchObject({ outcome: 'resolved' });
  });

  it('knows that creators stand above all levels from room version 12 on, and not before', async () => {
    const options = { creator: bot, powerLevels: { events_default: 100 } };
    expect(await resolve(create({ ...options, version: '12' }))).toMatchObject({ outcome: 'resolved' });
    expect(await resolve(create({ ...options, version: '11' }))).toMatchObject({ outcome: 'roomBroken' });
  });

  describe('a room that was replaced', () => {
    const replaced = (options: Parameters<typeof create>[0] = {}, predecessor?: string) => {
      const old = create({ alias: '#hq:fake.test', members: { [bot]: 'join' } });
      const next = create(options);
      const { rooms } = rig.homeserver;
      rooms.setState(next, 'm.room.create', { predecessor: { room_id: predecessor ?? old } });
      rooms.setState(old, 'm.room.tombstone', { body: 'moved', replacement_room: next });
      return { old, next };
    };

    it('leads to the other one, and joins it', async () => {
      const { old, next } = replaced({ public: true });
      for (const address of [old, '#hq:fake.test'])
        expect(await resolve(address)).toEqual({ outcome: 'resolved', address: next });
      expect(rig.homeserver.rooms.membership(next, bot)).toBe('join');
    });

    it('leads through several to the last', async () => {
      const { old, next } = replaced({ public: true });
      const last = create({ public: true });
      rig.homeserver.rooms.setState(last, 'm.room.create', { predecessor: { room_id: next } });
      rig.homeserver.rooms.setState(next, 'm.room.tombstone', { replacement_room: last });
      expect(await resolve(old)).toEqual({ outcome: 'resolved', address: last });
    });

    it.each([
      ['is closed', {}, undefined, 'may not join by itself: invite it'],
      ['does not name it', { public: true }, '!other:fake.test', 'it does not name the old room'],
      ['has put the bot out', { public: true, members: { [bot]: 'ban' } }, undefined, 'lift the ban'],
    ])('says why it does not lead to one that %s', async (_, options, predecessor, why) => {
      const { old, next } = replaced(options, predecessor);
      const result = await resolve(old);
      expect(result).toMatchObject({ outcome: 'roomBroken', reason: expect.stringContaining(why) });
      expect(result).toMatchObject({ reason: expect.stringContaining(`the room was replaced by ${next}`) });
    });

    it('ends where two replace each other', async () => {
      const { old, next } = replaced({ public: true });
      rig.homeserver.rooms.setState(next, 'm.room.tombstone', { replacement_room: old });
      expect(await resolve(old)).toMatchObject({ outcome: 'roomBroken' });
    });
  });

  it.each([
    ['the alias', /^GET \/directory/],
    ['our membership', /m\.room\.member/],
    ['the encryption', /m\.room\.encryption/],
    ['the power levels', /m\.room\.power_levels/],
  ])('tries again later where %s cannot be asked for', async (_, match) => {
    create({ alias: '#hq:fake.test', members: { [bot]: 'join' } });
    rig.homeserver.next(match, { status: 503, headers: { 'retry-after': '8' } });
    expect(await resolve('#hq:fake.test')).toMatchObject({ outcome: 'later', waitMs: 8_000 });
    rig.homeserver.next(match, { status: 404, body: '<html>' });
    expect(await resolve('#hq:fake.test')).toMatchObject({ outcome: 'later' });
    rig.homeserver.next(match, { lost: 'before' });
    expect(await resolve('#hq:fake.test')).toMatchObject({ outcome: 'later' });
    expect(await resolve('#hq:fake.test')).toMatchObject({ outcome: 'resolved' });
  });

  it('waits as long as the limit on joins asks', async () => {
    rig.homeserver.next(/^POST \/join/, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 9_500 } });
    expect(await resolve(create({ public: true }))).toMatchObject({ outcome: 'later', waitMs: 9_500 });
  });

  it('knows a broken account', async () => {
    rig.homeserver.revoke();
    expect(await resolve(create({ members: { [bot]: 'join' } }))).toMatchObject({ outcome: 'accountBroken' });
  });
});
