import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import { insertMute } from '../../src/rooms/mute-rows.ts';
import type { EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { createScriptedAdapter, type ScriptedAdapter } from '../support/scripted-adapter.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };
const gone: SendResult = { outcome: 'rejected', reason: 'M_NOT_FOUND', target: 'gone' };

/** A platform on which nothing can be done in one room to a message of another. */
function platform(): ScriptedAdapter {
  const adapter = createScriptedAdapter();
  const roomOf = new Map<string, string>();
  const { send } = adapter;
  adapter.send = async (request, signal) => {
    const { action = { kind: 'create' }, room } = request;
    if (action.kind !== 'create' && roomOf.get(action.target) !== room) {
      adapter.requests.push(request);
      return gone;
    }
    const result = await send(request, signal);
    if (result.outcome === 'sent') roomOf.set(result.platformId, room);
    return result;
  };
  return adapter;
}

async function start(options: RigOptions = {}): Promise<void> {
  rig = await createOutboxRig({ options: { card: true }, adapter: platform(), rooms: ['matrix:!old'], ...options });
}
const upgrade = async () => {
  await rig.outbox.roomReplaced('matrix', '!old', '!new');
  await rig.clock.advance(0);
};
const at = () => new Date(rig.clock.now()).toISOString();
const report = (id = 1) =>
  anEvent({
    id,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { title: `Buy ${id}`, created_at: at(), deleted_at: null },
  });
const deliver = (id = 1) => rig.deliver(report(id), ['matrix:!old']);
const hanging = (model: string, id: number, post: number, object: EventObject) =>
  anEvent({
    model,
    id,
    subject: `post:${post}`,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { post_id: post, created_at: at(), ...object },
  });
/** A vote that no room has a delivery for, but cards show. */
const vote = async (id: number, post = 1) => {
  await rig.deliver(hanging('feedbacks', id, post, { feedback_type: 'tp', user_id: id }), []);
  await rig.clock.advance(1_000);
};
const card = (tp: number, id = 1) => `card post:${id}: stands, tp ${tp} fp 0`;
/** The actions that reached the platform in the new room. */
const inNew = () => rig.adapter.requests.filter(({ room }) => room === '!new').map(({ action }) => action?.kind);

describe('a room that is replaced by another', () => {
  it('moves its cards: each is sent anew as soon as something happens, and goes on there', async () => {
    await start();
    await deliver();
    await rig.clock.advance(1_000);
    await upgrade();
    await rig.clock.advance(60_000);
    expect(inNew()).toEqual([]);
    await vote(2);
    expect([rig.shown('!old'), rig.shown('!new')]).toEqual([[card(0)], [card(1)]]);
    await vote(3);
    expect([rig.shown('!old'), rig.shown('!new')]).toEqual([[card(0)], [card(2)]]);
    expect(inNew()).toEqual(['create', 'edit']);
  });

  it('moves facts that a card did not show yet', async () => {
    await start();
    await deliver();
    await rig.clock.advance(1_000);
    await rig.deliver(hanging('feedbacks', 2, 1, { feedback_type: 'tp', user_id: 2 }), []);
    await upgrade();
    expect(rig.shown('!new')).toEqual([card(1)]);
  });

  it.each(['edit', 'reply', 'thread', 'react'])(
    'takes cards along whose updates are told by %s, also over a restart',
    async (updates) => {
      const options = { card: true, updates };
      await start({ options });
      await deliver();
      await vote(2);
      await rig.clock.advance(1_000);
      await upgrade();
      rig = await rig.restart();
      await vote(3);
      await rig.clock.advance(1_000);
      expect(rig.shown('!new')[0]).toBe(card(2));
      const before = inNew().length;
      await vote(4);
      await rig.clock.advance(1_000);
      const kinds = { edit: ['edit'], reply: ['reply'], thread: ['thread'], react: [] };
      expect(inNew().slice(before)).toEqual(kinds[updates as keyof typeof kinds]);
      expect(await rig.store.db.selectFrom('cards').select('state').execute()).toEqual([{ state: 'open' }]);
    },
  );

  it('moves a card whose change has no clear answer, and one that answers a message that was too old', async () => {
    await start();
    await deliver(1);
    await deliver(2);
    await rig.clock.advance(1_000);
    rig.adapter.answerTo = ({ room, action }) => {
      if (room !== '!old' || action?.kind !== 'edit') return null;
      return action.target === '$1' ? unclear : { outcome: 'rejected', reason: 'too old', target: 'tooOld' };
    };
    await vote(3, 2);
    await vote(4, 1);
    expect(rig.shown('!old')).toEqual([card(0), card(0, 2), card(1, 2)]);
    await upgrade();
    await rig.clock.advance(1_000);
    expect(rig.shown('!new')).toEqual([card(1)]);
    await vote(5, 2);
    expect(rig.shown('!new')).toEqual([card(1), card(2, 2)]);
  });

  it('leaves cards deleted that somebody deleted', async () => {
    await start();
    await deliver();
    rig.adapter.answers.push(gone);
    await vote(2);
    await upgrade();
    await vote(3);
    expect(rig.shown('!new')).toEqual([]);
  });

  it('moves a delivery for a card, and shows it once', async () => {
    await start();
    await deliver();
    await rig.clock.advance(1_000);
    await upgrade();
    await rig.deliver(hanging('feedbacks', 2, 1, { feedback_type: 'tp', user_id: 2 }), ['matrix:!old']);
    await rig.clock.advance(1_000);
    expect(rig.shown('!new')).toEqual([card(1)]);
    expect(await rig.deliveries()).toEqual(['sent', 'sent: its card shows it']);
  });

  it('ends a wave: its posts that still stand get cards, and new ones begin a digest of their own', async () => {
    await start({ waves: { digestAbove: 4 } });
    for (let id = 1; id <= 4; id++) await deliver(id);
    await rig.clock.advance(1_000);
    for (let id = 5; id <= 7; id++) await deliver(id);
    await rig.clock.advance(1_000);
    const before = rig.shown('!old').length;
    await upgrade();
    await rig.clock.advance(5_000);
    expect(rig.shown('!new').toSorted()).toEqual([card(0, 5), card(0, 6), card(0, 7)]);
    await deliver(8);
    await rig.clock.advance(10_000);
    expect(rig.shown('!new')).toHaveLength(4);
    await vote(20, 5);
    await rig.clock.advance(10_000);
    expect([rig.shown('!old').length, inNew().includes('edit'), rig.shown('!new')[0]]).toEqual([
      before,
      true,
      card(1, 5),
    ]);
  });

  it('is not broken by the answer of the old room to a send that was in flight', async () => {
    await start({ options: {} });
    let answer = (_: SendResult) => {};
    rig.adapter.answers.push(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await deliver();
    await upgrade();
    answer({ outcome: 'roomBroken', reason: '403: no power' });
    await rig.clock.advance(1_000);
    expect(rig.shown('!new')).toEqual(['posts#create 1']);
  });
});

describe('a room with another address in the configuration than before', () => {
  it('keeps its cards', async () => {
    const adapter = platform();
    adapter.resolve = async () => ({ outcome: 'resolved', address: '!id' });
    await start({ rooms: ['matrix:#alias'], adapter });
    await rig.deliver(report(), ['matrix:#alias']);
    await rig.clock.advance(1_000);
    rig = await rig.restart({ rooms: ['matrix:!id'] });
    await rig.deliver(hanging('feedbacks', 2, 1, { feedback_type: 'tp', user_id: 2 }), ['matrix:!id']);
    await rig.clock.advance(1_000);
    expect(rig.shown('!id')).toEqual([card(1)]);
  });

  it('says when it has taken over its mutes, and not when it is found at the same address again', async () => {
    const adapter = platform();
    adapter.resolve = async () => ({ outcome: 'resolved', address: '!id' });
    await start({ rooms: ['matrix:#alias'], adapter });
    const [now, roomId] = [rig.clock.now(), rig.directory.roomId('matrix:#alias')!];
    const mute = { roomId, events: null, where: null, except: null, until: now + 9, author: 'x', reason: null, now };
    const { db } = rig.store;
    await db.transaction().execute((trx) => insertMute(trx, mute));
    const found: unknown[] = [];
    const onTookOver = async (from: number, to: number) =>
      void found.push([from, to, await db.selectFrom('mutes').select('room_id').execute()]);
    rig = await rig.restart({ rooms: ['matrix:!id'], onTookOver });
    const taken = rig.directory.roomId('matrix:!id')!;
    expect(taken).not.toBe(roomId);
    rig = await rig.restart({ rooms: ['matrix:!id'], onTookOver });
    expect(found).toEqual([[roomId, taken, [{ room_id: taken }]]]);
  });
});
