import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const syncing = /^GET \/sync/;
const stuckAt = (position: string) => ({ status: 200, body: { next_batch: position } });

describe('following a Matrix homeserver', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  const start = async (options: Parameters<typeof startRig>[0] = {}) => {
    rig = await startRig(options);
    await rig.adapter.login(unhurried);
  };
  const syncs = () => rig.homeserver.seen.filter(({ path }) => path === '/sync');
  const heldSyncs = () => syncs().filter(({ query }) => query.get('timeout') === '30000');
  /** All is quiet: the sync waits for news. */
  const held = (times = 1) => until(() => heldSyncs().length >= times);
  const said = (text: string) => rig.said.filter((line) => line.includes(text));
  const create = (options: Parameters<Rig['homeserver']['rooms']['create']>[0] = {}) =>
    rig.homeserver.rooms.create({ members: { [bot]: 'join' }, ...options });

  it('asks for nothing that it does not read', async () => {
    await start({ people: null });
    await held();
    const filter = JSON.parse(syncs()[0]?.query.get('filter') ?? '');
    expect(filter).toMatchObject({ presence: { not_types: ['*'] }, room: { ephemeral: { not_types: ['*'] } } });
    expect(filter.room.timeline.types).not.toContain('m.room.message');
    expect(syncs()[0]?.query.get('set_presence')).toBe('offline');
  });

  it('lets the homeserver hold the request for 30 s, and asks again', async () => {
    await start();
    await held();
    await rig.clock.advance(30_000);
    await held(2);
    expect(heldSyncs()).toHaveLength(2);
  });

  it('saves its position, and goes on from there', async () => {
    await start();
    await held();
    create();
    await held(2);
    const { position } = rig;
    expect(position).toBe(`s${rig.homeserver.rooms.stream}`);
    await rig.stop();
    await start({ startAt: 's1' });
    await held();
    expect(syncs().map(({ query }) => query.get('since'))).toEqual(['s1', 's1']);
  });

  it('tells of what happened to its rooms, but not of how they were at the first look', async () => {
    rig = await startRig();
    const room = create({ powerLevels: {} });
    await rig.adapter.login(unhurried);
    await held();
    expect(rig.changed).toEqual([]);
    for (const [type, content] of [
      ['m.room.power_levels', { events_default: 50 }],
      ['m.room.tombstone', { replacement_room: '!new:fake.test' }],
    ] as const) {
      rig.changed.length = 0;
      rig.homeserver.rooms.setState(room, type, content);
      await until(() => rig.changed.length > 0);
      expect(rig.changed).toEqual([room]);
    }
    expect(said('was replaced by !new:fake.test')).toHaveLength(1);
    rig.changed.length = 0;
    rig.homeserver.rooms.setMembership(room, bot, 'ban', '@owner:fake.test');
    await until(() => rig.changed.length > 0);
    expect([rig.changed, said('no longer in').length]).toEqual([[room], 1]);
  });

  it('knows of encryption from the first look on', async () => {
    rig = await startRig();
    const room = create({ encrypted: true });
    await rig.adapter.login(unhurried);
    await held();
    rig.homeserver.always(/m\.room\.encryption/, { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'no' } });
    await rig.adapter.send({ room, key: 'k', payload: '{}' }, unhurried);
    expect(rig.homeserver.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('takes only the state of the room itself for its encryption', async () => {
    await start();
    await held();
    const room = create();
    await held(2);
    rig.homeserver.rooms.setState(room, 'm.room.encryption', {}, '@anyone:fake.test', 'some other key');
    await held(3);
    expect(await rig.adapter.send({ room, key: 'k', payload: '{}' }, unhurried)).toMatchObject({ outcome: 'sent' });
  });

  it('tells of a changed room by its alias too, which is all that is known of one it may not join', async () => {
    await start();
    await held();
    const room = rig.homeserver.rooms.create({ alias: '#hq:fake.test' });
    expect(await rig.adapter.resolve('#hq:fake.test', unhurried)).toMatchObject({ outcome: 'roomBroken' });
    rig.homeserver.rooms.setMembership(room, bot, 'invite', '@stranger:fake.test');
    await until(() => rig.changed.length > 1);
    expect(rig.changed).toEqual([room, '#hq:fake.test']);
  });

  it('backs off from a failing homeserver, longer each time, and says so once', async () => {
    await start();
    await held();
    const restore = rig.homeserver.always(syncing, { status: 502, body: '<html>' });
    const before = syncs().length;
    await rig.clock.advance(30_000);
    for (const [index, waitMs] of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000].entries()) {
      await until(() => syncs().length === before + 1 + index && rig.waits(waitMs));
      await rig.clock.advance(waitMs - 1);
      expect(syncs()).toHaveLength(before + 1 + index);
      await rig.clock.advance(1);
    }
    expect(said('the sync with the homeserver failed (502')).toHaveLength(1);
    await until(() => rig.waits(60_000));
    restore();
    await rig.clock.advance(60_000);
    await held(2);
    await rig.clock.advance(30_000);
    await held(3);
    expect(said('works again')).toHaveLength(1);
  });

  it('waits as long as a limit asks', async () => {
    rig = await startRig();
    rig.homeserver.next(syncing, { status: 429, headers: { 'retry-after': '77' } });
    await rig.adapter.login(unhurried);
    await until(() => rig.waits(77_000));
    await rig.clock.advance(76_999);
    expect(syncs()).toHaveLength(1);
    await rig.clock.advance(1);
    await held();
  });

  it.each([
    ['at once', stuckAt('s1')],
    ['without any position', { status: 200, body: {} }],
    ['with the same news over and over', { status: 200, body: { next_batch: 's1', rooms: { leave: { '!x:y': {} } } } }],
  ])('notices a homeserver that answers %s and is stuck, makes no busy loop, and starts afresh', async (_, answer) => {
    await start();
    await held();
    const before = syncs().length;
    const restore = rig.homeserver.always(syncing, answer);
    await rig.clock.advance(30_000);
    let waitedMs = 0;
    while (said('is stuck').length === 0) {
      await until(() => [1_000, 2_000, 4_000, 8_000, 60_000].some(rig.waits));
      await rig.clock.advance(500);
      waitedMs += 500;
    }
    expect(syncs().length - before).toBeLessThanOrEqual(6);
    expect(waitedMs).toBeGreaterThanOrEqual(15_000);
    await until(() => rig.waits(60_000));
    restore();
    const next = rig.homeserver.arrival(syncing);
    await rig.clock.advance(60_000);
    expect((await next).query.get('since')).toBeNull();
  });

  it('says once an hour that a homeserver is stuck again and again', async () => {
    await start();
    await held();
    rig.homeserver.always(syncing, stuckAt('s1'));
    const backoffs = [1_000, 2_000, 4_000, 8_000, 60_000];
    await rig.clock.advance(30_000);
    const startedAt = rig.clock.now();
    while (said('is stuck').length < 2) {
      await until(() => backoffs.some(rig.waits));
      await rig.clock.advance(backoffs.find(rig.waits) ?? 0);
    }
    expect(rig.clock.now() - startedAt).toBeGreaterThan(3_600_000);
    expect(rig.clock.now() - startedAt).toBeLessThan(3_800_000);
  });

  it('notices a homeserver that takes messages and does not move on, and looks itself whether rooms are encrypted', async () => {
    await start();
    await held();
    const room = create();
    await held(2);
    await until(() => rig.position === `s${rig.homeserver.rooms.stream}`);
    const send = (key: string) => rig.adapter.send({ room, key, payload: '{}' }, unhurried);
    const asked = () => rig.homeserver.seen.filter(({ path }) => path.includes('m.room.encryption')).length;
    rig.homeserver.frozen = true;
    await rig.clock.advance(1_000);
    expect(await send('first')).toMatchObject({ outcome: 'sent' });
    expect(asked()).toBe(1);
    // The poll that was under way when the message was sent proves nothing.
    await rig.clock.advance(29_000);
    await held(3);
    await send('second');
    expect(asked()).toBe(1);
    // The next one does.
    await rig.clock.advance(30_000);
    await until(() => rig.waits(1_000));
    await send('third');
    await send('fourth');
    expect(asked()).toBe(3);
    for (const [index, waitMs] of [1_000, 2_000, 4_000, 8_000].entries()) {
      await until(() => rig.waits(waitMs));
      await rig.clock.advance(waitMs);
      await held(4 + index);
      await rig.clock.advance(30_000);
    }
    await until(() => said('is stuck (a message was accepted').length === 1);
  });

  it('starts afresh where the homeserver does not know the position', async () => {
    await start({ startAt: 'from another database' });
    await until(() => said('refuses the sync position').length === 1 && rig.waits(1_000));
    await rig.clock.advance(1_000);
    await held();
    expect(syncs().map(({ query }) => query.get('since'))).toEqual(['from another database', null, rig.position]);
  });

  it('rests while the account is refused, and goes on with the next login, or by itself', async () => {
    await start();
    await held();
    rig.homeserver.next(syncing, { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'logged out' } });
    await rig.clock.advance(30_000);
    await until(() => rig.waits(300_000));
    expect(said('the homeserver refuses us the sync: 401 M_UNKNOWN_TOKEN')).toHaveLength(1);
    const before = syncs().length;
    await rig.clock.advance(299_999);
    expect(syncs()).toHaveLength(before);
    await rig.adapter.login(unhurried);
    await held(3); // the second was refused
    rig.homeserver.next(syncing, { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'logged out' } });
    await rig.clock.advance(30_000);
    await until(() => rig.waits(300_000));
    await rig.clock.advance(300_000);
    await held(5);
  });

  it('goes on when the position cannot be loaded or saved at first', async () => {
    let failures = 2;
    let stored: string | null = 's1';
    const failing = async () => {
      if (failures-- > 0) throw new Error('the store is locked');
    };
    await start({
      position: {
        load: async () => failing().then(() => stored),
        save: async (_, token) => {
          await failing();
          stored = token;
        },
      },
    });
    for (const wait of [1_000, 2_000]) {
      await until(() => rig.waits(wait));
      await rig.clock.advance(wait);
    }
    await held();
    failures = 1;
    create();
    await until(() => said('the store is locked').length === 3 && rig.waits(1_000));
    await rig.clock.advance(5_000);
    await held(2);
    expect(stored).toBe(`s${rig.homeserver.rooms.stream}`);
  });

  it('stops at once in the middle of a wait or a request', async () => {
    await start();
    await held();
    await rig.adapter.stop();
    expect(rig.clock.pending).toBeLessThanOrEqual(1); // the homeserver's own
    await rig.homeserver.stop();
    rig = await startRig();
    rig.homeserver.always(syncing, { status: 500 });
    await rig.adapter.login(unhurried);
    await until(() => rig.waits(1_000));
    await rig.adapter.stop();
    expect(rig.clock.pending).toBe(0);
  });
});
