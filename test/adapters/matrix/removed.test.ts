import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig } from '../../support/outbox-rig.ts';
import type { ScriptedAdapter } from '../../support/scripted-adapter.ts';
import { until } from '../../support/until.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const bot = '@bot:fake.test';
const moderator = '@mod:fake.test';
const alias = '#charcoal:fake.test';

describe('a room that the bot was removed from', () => {
  let rig: Rig;
  let room: string;
  let changed: (address: string) => void;

  beforeEach(async () => {
    changed = () => {};
    rig = await startRig({ people: { onRoomChanged: (address) => changed(address) } });
    await rig.adapter.login(unhurried);
    room = rig.homeserver.rooms.create({ alias, public: true, members: { [bot]: 'join' } });
    await rig.adapter.resolve(alias, unhurried);
  });
  afterEach(() => rig.stop());

  const remove = (membership: string, reason?: string, by = moderator) =>
    rig.homeserver.rooms.setMembership(room, bot, membership, by, reason);
  const membership = () => rig.homeserver.rooms.membership(room, bot);
  const joins = () => rig.homeserver.seen.filter(({ method, path }) => method === 'POST' && path.includes('join'));

  it.each([
    ['leave', 'too noisy', `${bot} was removed from the room by ${moderator}, who said: "too noisy": invite it again`],
    ['ban', 'spam', `${bot} is banned from the room by ${moderator}, who said: "spam": lift the ban, then invite it`],
    ['leave', undefined, `${bot} was removed from the room by ${moderator}: invite it again`],
    ['leave', 'a\n\u202eb', `${bot} was removed from the room by ${moderator}, who said: "a b": invite it again`],
  ])('is not joined again, though its alias lets everybody in: %s, %j', async (how, why, reason) => {
    remove(how, why);
    for (const address of [alias, room])
      expect(await rig.adapter.resolve(address, unhurried)).toEqual({ outcome: 'roomBroken', reason });
    expect(membership()).toBe(how);
    // Of a ban Synapse says nothing to one who is outside, but lets nobody in.
    if (how === 'leave') expect(joins()).toEqual([]);
  });

  it('says who and why when a message is refused there', async () => {
    remove('leave', 'too noisy');
    const payload = rig.adapter.format(message('hello'), 'key', room);
    expect(await rig.adapter.send({ room, key: 'key', payload }, unhurried)).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining(`by ${moderator}, who said: "too noisy"`),
    });
  });

  it('is joined again when somebody invites the bot', async () => {
    remove('leave');
    remove('invite', undefined, '@anybody:fake.test');
    expect(await rig.adapter.resolve(alias, unhurried)).toEqual({ outcome: 'resolved', address: room });
    expect(membership()).toBe('join');
  });

  it('is joined again if the account left by itself', async () => {
    remove('leave', undefined, bot);
    expect(await rig.adapter.resolve(alias, unhurried)).toEqual({ outcome: 'resolved', address: room });
  });

  it('gets what waited when somebody invites the bot; operators know who removed it and why', async () => {
    const told: string[] = [];
    const outbox = await createOutboxRig({
      adapter: rig.adapter as ScriptedAdapter,
      clock: rig.clock,
      rooms: [`matrix:${alias}`],
      // Nothing was told before that a correction could correct.
      tell: (_, text, about) => void (typeof about !== 'object' && told.push(text)),
    });
    onTestFinished(outbox.stop);
    changed = (address) => outbox.outbox.roomChanged('matrix', address);
    const deliver = (id: number) => outbox.deliver(anEvent({ id }), [`matrix:${alias}`]);
    const shown = () => rig.homeserver.rooms.shown(room).map(({ content }) => content.body);
    await deliver(1);
    await until(() => shown().length === 1);
    remove('leave', 'too noisy');
    await until(() => told.length > 0);
    expect(told).toEqual([expect.stringContaining(`by ${moderator}, who said: "too noisy": invite it again`)]);
    await deliver(2);
    await rig.clock.advance(3 * 3_600_000);
    expect(await outbox.deliveries()).toEqual(['sent', 'waiting']);
    remove('invite');
    await until(() => shown().length === 2);
    await until(() => told.length > 1);
    expect(told[1]).toContain('works again');
  });

  it('stays left if the homeserver tells outsiders nothing, since the sync said it', async () => {
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    const heard: string[] = [];
    changed = (address) => void heard.push(address);
    remove('leave', 'too noisy');
    await until(() => heard.includes(room));
    rig.homeserver.always(/\/state\/m\.room\.member\//, { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'no' } });
    expect(await rig.adapter.resolve(room, unhurried)).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringContaining('too noisy'),
    });
    expect(joins()).toEqual([]);
  });
});
