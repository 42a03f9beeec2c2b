import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAction } from '../../../src/adapters/adapter.ts';
import { relationOf } from '../../support/homeserver-rooms.ts';
import { until } from '../../support/until.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);
const putting = /^PUT /;
const reacting = /^PUT \/rooms\/.*\/send\/m\.reaction\//;
const looking = /^GET \/rooms\/[^/]+\/event\//;
const redacting = /^PUT \/rooms\/.*\/redact\//;
const relations = /^GET \/v1\/rooms\//;
const html = '<html><body>nginx</body></html>';

describe('an answer or a reaction on Matrix', () => {
  let rig: Rig;
  let room: string;
  let first: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' } });
    first = rig.homeserver.rooms.add(room, {
      type: 'm.room.message',
      sender: rig.homeserver.user,
      content: { msgtype: 'm.notice', body: 'first' },
    });
  });

  afterEach(() => rig.stop());

  let keys = 0;
  const send = (action: SendAction, payload = rig.adapter.format(message('hello'), key, room)) =>
    rig.adapter.send({ room, key: `${key}${keys++}`, payload, action }, unhurried);
  const react = (emoji = '✅') => send({ kind: 'react', target: first }, emoji);
  const puts = () => rig.homeserver.seen.filter(({ method }) => method === 'PUT');
  const last = () => rig.homeserver.rooms.get(room).events.at(-1);

  it('says what it is about beside the stored content', async () => {
    await send({ kind: 'reply', target: first });
    expect(last()?.content).toMatchObject({
      msgtype: 'm.notice',
      body: 'hello',
      'lookout.key': key,
      'm.mentions': {},
      'm.relates_to': { 'm.in_reply_to': { event_id: first } },
    });
    await send({ kind: 'thread', target: first });
    expect(last()?.content['m.relates_to']).toEqual({
      rel_type: 'm.thread',
      event_id: first,
      is_falling_back: true,
      'm.in_reply_to': { event_id: first },
    });
    await react('👍🏽');
    expect(last()).toMatchObject({
      type: 'm.reaction',
      content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: first, key: '👍🏽' } },
    });
  });

  it('never comes into an encrypted room in plain text', async () => {
    rig.homeserver.rooms.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
    for (const kind of ['reply', 'thread', 'edit'] as const)
      expect(await send({ kind, target: first })).toMatchObject({ outcome: 'notAccepted' });
    expect(puts()).toEqual([]);
  });

  it.each(['reply', 'thread', 'react', 'edit'] as const)(
    'does not come where the message is gone: %s',
    async (kind) => {
      rig.homeserver.rooms.redact(room, first);
      expect(await send({ kind, target: first })).toMatchObject({ outcome: 'rejected', target: 'gone' });
      expect(await send({ kind, target: '$never' })).toMatchObject({ outcome: 'rejected', target: 'gone' });
      expect(puts()).toEqual([]);
    },
  );

  it.each([
    ['a failing homeserver', { status: 502, body: html }, 'notAccepted'],
    ['a limit', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' } }, 'notAccepted'],
    ['a broken account', { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } }, 'accountBroken'],
  ] as const)('waits where %s does not tell whether the message is there', async (_, answer, outcome) => {
    for (const kind of ['reply', 'react'] as const) {
      rig.homeserver.next(looking, answer);
      expect(await send({ kind, target: first })).toMatchObject({ outcome });
    }
    expect(puts()).toEqual([]);
  });

  it('that is a reaction is found where it is there already, among those of others, on any page', async () => {
    const ours = await react();
    const add = (sender: string, emoji: string) =>
      rig.homeserver.rooms.add(room, {
        type: 'm.reaction',
        sender,
        content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: first, key: emoji } },
      });
    add(rig.homeserver.user, '❌');
    for (let n = 0; n < 150; n++) add(`@u${n}:fake.test`, '✅');
    expect(await react()).toEqual(ours);
    expect(rig.homeserver.seen.filter(({ path }) => path.startsWith('/v1/'))).toHaveLength(2);
  });

  it.each([
    ['fails', { status: 502, body: html }, 'notAccepted'],
    ['knows no such request', { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'no' } }, 'notAccepted'],
    ['tells of none', { status: 200, body: { chunk: [] } }, 'unknown'],
    ['refuses', { status: 400, body: { errcode: 'M_UNKNOWN', error: 'no' } }, 'rejected'],
  ] as const)('that is a reaction is asked for again where the homeserver %s', async (_, answer, outcome) => {
    const ours = await react();
    rig.homeserver.next(relations, answer);
    expect(await react()).toMatchObject({ outcome });
    expect(await react()).toEqual(ours);
  });

  it.each([
    ['it may not react', reacting, 403, 'M_FORBIDDEN', 'rejected'],
    ['it may not redact', redacting, 403, 'M_FORBIDDEN', 'rejected'],
    ['there is nothing to redact', redacting, 404, 'M_NOT_FOUND', 'sent'],
    ['the homeserver fails', putting, 500, 'M_UNKNOWN', 'unknown'],
  ] as const)('breaks no room where %s', async (_, match, status, errcode, outcome) => {
    for (const kind of match === redacting ? (['redact'] as const) : (['react'] as const)) {
      rig.homeserver.next(match, { status, body: { errcode, error: 'because' } });
      expect(await send({ kind, target: first }, '✅')).toMatchObject({ outcome });
    }
  });

  it('tells of a room that it is not in any more', async () => {
    rig.homeserver.rooms.setMembership(room, rig.homeserver.user, 'leave');
    for (const kind of ['react', 'redact', 'reply'] as const)
      expect(await send({ kind, target: first }, '{"body":"x"}')).toMatchObject({
        outcome: 'roomBroken',
        reason: expect.stringContaining('is not in the room'),
      });
  });

  it('that is a reaction without an emoji is rejected', async () => {
    for (const emoji of ['', ' ']) expect(await react(emoji)).toMatchObject({ outcome: 'rejected' });
    expect(await react('\ud83d')).toMatchObject({ outcome: 'sent' });
    expect(relationOf(last()?.content ?? {}).key).toBe('\ufffd');
  });

  it('that is taken away twice leaves nothing behind', async () => {
    const sent = (await react()) as { platformId: string };
    for (const _ of ['once', 'again'])
      expect(await send({ kind: 'redact', target: sent.platformId }, '')).toEqual({ ...sent, outcome: 'sent' });
    expect(rig.homeserver.rooms.reactions(room)).toEqual([]);
  });

  it('that was there before is no reason to distrust a quiet sync', async () => {
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    await react();
    await react();
    const polls = () => rig.homeserver.seen.filter(({ query }) => query.get('timeout') === '30000').length;
    const before = polls();
    await until(() => rig.waits(59_000));
    await rig.clock.advance(30_000);
    await until(() => polls() > before);
    expect(rig.said.join()).not.toContain('stuck');
  });
});
