import { afterEach, describe, expect, it } from 'vitest';
import type { ResolveResult } from '../../src/adapters/adapter.ts';
import type { TellOperators } from '../../src/notices/operator-notices.ts';
import { writeNotice } from '../../src/notices/write-notice.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { createScriptedAdapter, textMessage } from '../support/scripted-adapter.ts';

const alias = 'matrix:#hq:here';
const hour = 3_600_000;

let rig: OutboxRig;
/** The answers of the platform by address; an id leads to itself. */
let answers: Map<string, ResolveResult>;
let told: string[];
afterEach(() => rig.stop());

const leadsTo = (address: string) => void answers.set('#hq:here', { outcome: 'resolved', address });
async function start(options: RigOptions = {}): Promise<void> {
  answers = new Map();
  told = [];
  const adapter = createScriptedAdapter();
  adapter.resolve = async (address) => answers.get(address) ?? { outcome: 'resolved', address };
  leadsTo('!old');
  // Nothing was told before that a correction could correct.
  const tell: TellOperators = (_, text, about) => void (typeof about !== 'object' && told.push(text));
  rig = await createOutboxRig({ rooms: [alias], adapter, tell, ...options });
}
const deliver = async (id: number) => {
  const now = new Date(rig.clock.now()).toISOString();
  const object = { title: `Buy ${id}`, created_at: now, deleted_at: null };
  await rig.deliver(anEvent({ id, receivedAt: rig.clock.now(), updatedAt: now, object }), [alias]);
};
const shown = () => [rig.shown('!old'), rig.shown('!new')];

describe('an alias that points elsewhere', () => {
  it('is followed at the start, and operators are notified', async () => {
    await start();
    await deliver(1);
    leadsTo('!new');
    rig = await rig.restart();
    await deliver(2);
    expect(shown()).toEqual([['posts#create 1'], ['posts#create 2']]);
    expect(told).toEqual([
      'Room #hq:here (#hq:here) is !new now; before it was !old. New messages go there; what the old room shows stays as it is.',
    ]);
  });

  it('is followed within an hour and ten minutes, though the room is idle', async () => {
    await start();
    await deliver(1);
    leadsTo('!new');
    await rig.clock.advance(hour - 1_000);
    expect(told).toEqual([]);
    await rig.clock.advance(601_000);
    expect(told).toHaveLength(1);
    await deliver(2);
    expect(shown()).toEqual([['posts#create 1'], ['posts#create 2']]);
  });

  it('is followed at once when the room breaks, with what waits', async () => {
    await start();
    await rig.clock.advance(30 * 60_000);
    rig.adapter.answerTo = ({ room }) => (room === '!old' ? { outcome: 'roomBroken', reason: 'M_FORBIDDEN' } : null);
    leadsTo('!new');
    await deliver(1);
    await rig.clock.advance(2_000);
    expect(shown()).toEqual([[], ['posts#create 1']]);
    expect(await rig.deliveries()).toEqual(['sent']);
  });

  it('is looked up after the rest of its room, which is waited for without looking again and again', async () => {
    let looks = 0;
    const isPaused = () => {
      looks++;
      // Ends a worker that spins, since the clock of the test would never move on.
      if (looks > 100) throw new Error('it looks again and again');
      return false;
    };
    await start({ isPaused });
    const [worker] = rig.outbox.workers;
    worker?.gate.rest(2 * hour);
    let asked = 0;
    rig.adapter.resolve = async (address) => {
      asked++;
      return { outcome: 'resolved', address: address === '#hq:here' ? '!new' : address };
    };
    worker?.wake();
    await rig.clock.advance(2 * hour - 1);
    expect([asked, looks < 20]).toEqual([0, true]);
    await rig.clock.advance(1);
    expect(asked).toBe(1);
  });

  it('is looked up again every ten minutes at most while the room is broken', async () => {
    await start();
    await rig.clock.advance(30 * 60_000);
    let asked = 0;
    rig.adapter.answerTo = () => ({ outcome: 'roomBroken', reason: 'M_FORBIDDEN' });
    rig.adapter.resolve = async () => {
      asked++;
      return { outcome: 'resolved', address: '!old' };
    };
    await deliver(1);
    await rig.clock.advance(30 * 60_000);
    expect([asked, rig.adapter.requests.length]).toEqual([3, 4]);
  });

  it('leaves the cards of the old room there, and continues them in the new one', async () => {
    await start({ options: { card: true } });
    await deliver(1);
    await rig.clock.advance(1_000);
    leadsTo('!new');
    rig = await rig.restart();
    const now = new Date(rig.clock.now()).toISOString();
    const object = { post_id: 1, created_at: now, feedback_type: 'tp', user_id: 2 };
    await rig.deliver(
      anEvent({ model: 'feedbacks', id: 2, subject: 'post:1', receivedAt: rig.clock.now(), updatedAt: now, object }),
      [],
    );
    await rig.clock.advance(2_000);
    expect(shown()).toEqual([['card post:1: stands, tp 0 fp 0'], ['card post:1: stands, tp 1 fp 0']]);
  });

  it('takes what has no clear answer to the room that has the other address in the configuration', async () => {
    await start({ rooms: [alias, 'matrix:!new'] });
    rig.adapter.answerTo = ({ room }) =>
      room === '!old' ? { outcome: 'unknown', waitMs: 3 * hour, reason: '502' } : null;
    const { db } = rig.store;
    const roomId = rig.directory.roomId(alias) ?? -1;
    const message = textMessage('unmuted');
    await db.transaction().execute((trx) => writeNotice(trx, { roomId, subject: 'm1', message, now: rig.clock.now() }));
    rig.directory.wake([roomId]);
    await deliver(1);
    expect(await db.selectFrom('sends').select('state').execute()).toEqual([
      { state: 'pending' },
      { state: 'pending' },
    ]);
    leadsTo('!new');
    await rig.clock.advance(hour + 600_000);
    expect(shown()).toEqual([[], ['unmuted', 'posts#create 1']]);
    rig = await rig.restart();
    await deliver(2);
    expect(rig.shown('!new').at(-1)).toBe('posts#create 2');
    expect(await rig.deliveries()).toEqual(['sent', 'sent']);
  });

  it('leaves its old address to a room that is configured with it later', async () => {
    await start({ rooms: [alias, 'matrix:!new'] });
    leadsTo('!new');
    rig = await rig.restart();
    rig = await rig.restart({ rooms: [alias, 'matrix:!new', 'matrix:!old'] });
    await rig.deliver(anEvent({ id: 1 }), ['matrix:!old']);
    expect(shown()).toEqual([['posts#create 1'], []]);
  });

  it('is not followed to a room that does not let us in: the old one is used on, and operators are notified once', async () => {
    await start();
    answers.set('#hq:here', { outcome: 'roomBroken', reason: 'not in the room: invite it' });
    for (let n = 1; n <= 3; n++) {
      await rig.clock.advance(hour + 600_000);
      await deliver(n);
    }
    expect(rig.shown('!old')).toHaveLength(3);
    expect(told).toEqual([expect.stringContaining('#hq:here leads to no room that takes messages: not in the room')]);
  });

  it('is not missed where it cannot be looked up for a while', async () => {
    await start();
    answers.set('#hq:here', { outcome: 'later', waitMs: 1_000, reason: '502' });
    rig = await rig.restart();
    await deliver(1);
    expect([rig.shown('!old'), told]).toEqual([['posts#create 1'], []]);
  });

  it('of a room that is closed to us, too, stops the room', async () => {
    await start();
    answers.set('#hq:here', { outcome: 'roomBroken', reason: 'removed by @mod' });
    answers.set('!old', { outcome: 'roomBroken', reason: 'gone' });
    rig = await rig.restart();
    await deliver(1);
    expect(await rig.deliveries()).toEqual(['waiting']);
    expect(told).toEqual([expect.stringContaining('takes no messages: removed by @mod')]);
  });
});

describe('a room that was replaced on its platform', () => {
  it('is left for the other one at the start, and operators are notified', async () => {
    await start({ rooms: ['matrix:!old'] });
    await rig.deliver(anEvent({ id: 1 }), ['matrix:!old']);
    answers.set('!old', { outcome: 'resolved', address: '!new' });
    rig = await rig.restart();
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!old']);
    expect(shown()).toEqual([['posts#create 1'], ['posts#create 2']]);
    expect(told).toEqual([expect.stringContaining('is !new now; before it was !old')]);
  });
});
