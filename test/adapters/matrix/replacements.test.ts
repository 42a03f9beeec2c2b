import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const owner = '@owner:fake.test';

describe('a room that is replaced', () => {
  let rig: Rig;
  let followed: [string, string][];

  afterEach(() => rig.stop());

  async function start(onRoomReplaced?: (from: string, to: string) => Promise<void>): Promise<string> {
    followed = [];
    rig = await startRig({
      people: {
        async onRoomReplaced(from, to) {
          followed.push([from, to]);
          await onRoomReplaced?.(from, to);
        },
      },
    });
    const room = rig.homeserver.rooms.create({ members: { [bot]: 'join' } });
    await rig.adapter.login(unhurried);
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    return room;
  }
  const successor = (predecessor: string | null, isPublic = true) => {
    const { rooms } = rig.homeserver;
    const room = rooms.create({ public: isPublic });
    if (predecessor !== null) rooms.setState(room, 'm.room.create', { predecessor: { room_id: predecessor } }, owner);
    return room;
  };
  const bury = (room: string, by: string) =>
    rig.homeserver.rooms.setState(room, 'm.room.tombstone', { replacement_room: by }, owner);
  const membership = (room: string) => rig.homeserver.rooms.membership(room, bot);
  const said = (text: string) => rig.said.filter((line) => line.includes(text));

  it('is followed: the new one is joined through the server of who replaced it, and told of', async () => {
    const room = await start();
    const next = successor(room);
    bury(room, next);
    await until(() => followed.length > 0);
    expect([followed, membership(next)]).toEqual([[[room, next]], 'join']);
    const join = rig.homeserver.seen.find(({ method }) => method === 'POST');
    expect(join?.query.getAll('via')).toEqual(['fake.test']);
    await until(() => rig.changed.includes(next));
  });

  it('is not followed to one that does not name it as its predecessor', async () => {
    const room = await start();
    const next = successor('!another:fake.test');
    bury(room, next);
    await until(() => said('does not name it').length > 0);
    expect(followed).toEqual([]);
  });

  it('is followed by an invitation, whoever it is from, where the new one is closed', async () => {
    const room = await start();
    const next = successor(room, false);
    bury(room, next);
    await until(() => said('could not follow').length > 0);
    expect(followed).toEqual([]);
    rig.homeserver.rooms.setMembership(next, bot, 'invite', owner);
    await until(() => followed.length > 0);
    expect([followed, membership(next)]).toEqual([[[room, next]], 'join']);
  });

  it('opens no other door: an invitation to a third room stays unanswered', async () => {
    const room = await start();
    bury(room, successor(room));
    const third = successor(room, false);
    rig.homeserver.rooms.setMembership(third, bot, 'invite', owner);
    await until(() => followed.length > 0 && said('left alone').length > 0);
    expect(membership(third)).toBe('invite');
  });

  it('holds the position back until it was followed', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const room = await start(() => released);
    const next = successor(room);
    const { position } = rig;
    bury(room, next);
    await until(() => followed.length > 0);
    rig.homeserver.rooms.setState(room, 'm.room.power_levels', {}, owner);
    await until(() => rig.changed.filter((each) => each === room).length >= 2);
    expect(rig.position).toBe(position);
    release();
    await until(() => rig.changed.includes(next));
    rig.homeserver.rooms.setState(room, 'm.room.power_levels', {}, owner);
    await until(() => rig.position === `s${rig.homeserver.rooms.stream}`);
  });
});
