import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutageWatch } from '../../src/inputs/source/outage-watch.ts';
import { silentLog } from '../../src/log.ts';
import { createOperators, type Operators } from '../../src/notices/operator-notices.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';

let rig: OutboxRig;
let operators: Operators;
const told = () => rig.shown('!ops');

beforeEach(async () => {
  rig = await createOutboxRig({
    rooms: ['matrix:!a', 'matrix:!ops'],
    tell: (...what) => operators.tell(...what),
    onAccountBroken: (platform) => operators.tell(`${platform} broken`, `${platform} takes nothing from us`, platform),
  });
  const roomId = () => rig.directory.roomId('matrix:!ops');
  operators = createOperators({ db: rig.store.db, roomId, wake: rig.directory.wake, clock: rig.clock, log: silentLog });
});
afterEach(() => rig.stop());

/** Lets notices be stored and sent. */
async function settle(): Promise<void> {
  await operators.settled();
  await rig.clock.advance(0);
}

describe('operators are notified', () => {
  it('of a room that accepts nothing, once, and when it works again', async () => {
    let refusals = 3;
    rig.adapter.answerTo = ({ room }) =>
      room === '!a' && refusals-- > 0 ? { outcome: 'roomBroken', reason: '403: no access' } : null;
    await rig.deliver(anEvent({ id: 1 }));
    await settle();
    expect(told()).toEqual([expect.stringContaining('Room a takes no messages: 403: no access.')]);
    await rig.clock.advance(31 * 60_000);
    await settle();
    expect(told().at(-1)).toBe('Room a works again.');
    expect(rig.shown('!a')).toHaveLength(1);
  });

  it('of one cause once in ten minutes, also if the service is started again and again', async () => {
    const roomId = () => rig.directory.roomId('matrix:!ops');
    const { db } = rig.store;
    for (let start = 0; start < 3; start++) {
      operators = createOperators({ db, roomId, wake: rig.directory.wake, clock: rig.clock, log: silentLog });
      operators.tell('key', 'the key is rejected');
      await settle();
      await rig.clock.advance(10_000);
    }
    expect(told()).toEqual(['the key is rejected']);
    await rig.clock.advance(10 * 60_000);
    operators = createOperators({ db, roomId, wake: rig.directory.wake, clock: rig.clock, log: silentLog });
    operators.tell('key', 'the key is rejected');
    await settle();
    expect(told()).toHaveLength(2);
  });

  it('of each change of a state, and of the same state once in ten minutes', async () => {
    for (const state of ['refused', 'refused', 'in effect', 'refused', 'in effect', 'in effect'])
      operators.tell(state, state, 'configuration');
    operators.tell('another', 'another');
    await settle();
    expect(told()).toEqual(['refused', 'in effect', 'refused', 'in effect', 'another']);
    operators.tell('in effect', 'in effect', 'configuration');
    await rig.clock.advance(10 * 60_000);
    operators.tell('in effect', 'in effect', 'configuration');
    await settle();
    expect(told()).toHaveLength(6);
  });

  it('of dead letters, but not of each', async () => {
    for (let id = 1; id <= 3; id++) {
      rig.adapter.answers.push({ outcome: 'rejected', reason: '50035' });
      await rig.deliver(anEvent({ id, subject: `post:${id}` }));
    }
    await settle();
    expect(told()).toEqual([expect.stringContaining('could not be delivered (50035)')]);
  });

  it('of a rejected account, as soon as it is accepted again', async () => {
    rig.adapter.answers.push({ outcome: 'accountBroken', reason: '401' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(6 * 60_000);
    await settle();
    expect(told()).toEqual(['matrix takes nothing from us', 'matrix takes messages from us again.']);
  });

  it('that a state is over which an earlier process told, and of no state that they were not told', async () => {
    const correct = () => operators.tell('taken', 'in effect', { corrects: 'configuration' });
    correct();
    operators.tell('refused', 'refused', 'configuration');
    await settle();
    await rig.clock.advance(60 * 60_000);
    for (let start = 0; start < 3; start++) {
      correct();
      await settle();
    }
    expect(told()).toEqual(['refused', 'in effect']);
  });

  it('of a source that stays away, and when it is back', async () => {
    const news = createOutageWatch({
      name: 'metasmoke',
      lostAfterMs: () => 120_000,
      tell: operators.tell,
      clock: rig.clock,
    });
    const lost = { state: 'lost', since: 0, reason: 'closed' } as const;
    news.became(lost);
    await rig.clock.advance(60_000);
    news.became({ state: 'subscribed' });
    await rig.clock.advance(600_000);
    await settle();
    expect(told()).toEqual([]);
    news.became(lost);
    news.became(lost);
    await rig.clock.advance(121_000);
    news.became({ state: 'subscribed' });
    await settle();
    expect(told()).toEqual([
      expect.stringContaining('No connection to metasmoke for 2 min'),
      'metasmoke is connected again.',
    ]);
  });

  it('of a source whose key is refused again soon after it was back, but not without end', async () => {
    const news = createOutageWatch({
      name: 'metasmoke',
      lostAfterMs: () => 120_000,
      tell: operators.tell,
      clock: rig.clock,
    });
    for (let times = 0; times < 50; times++) {
      news.became({ state: 'rejected' });
      news.became({ state: 'subscribed' });
      if (times === 1) await settle();
      if (times === 1) expect(told().map((text) => text.includes('rejects'))).toEqual([true, false, true, false]);
    }
    await settle();
    expect(told()).toHaveLength(20);
    news.stop();
  });

  it('after kill -9, too: a notice is stored first', async () => {
    operators.tell('x', 'Something is wrong.');
    await operators.settled();
    rig = await rig.restart();
    await rig.clock.advance(0);
    expect(told()).toEqual(['Something is wrong.']);
  });
});
