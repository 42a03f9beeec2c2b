import { afterEach, describe, expect, it } from 'vitest';
import type { SendRequest, SendResult, WaitScope } from '../../src/adapters/adapter.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

const at = () => new Date(rig.clock.now()).toISOString();
const report = (id: number) =>
  anEvent({
    id,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { title: `Buy ${id}`, created_at: at(), deleted_at: null },
  });
/** A vote that no room has a delivery for, but the card shows. */
const vote = (id: number, post = 1) =>
  anEvent({
    model: 'feedbacks',
    id,
    subject: `post:${post}`,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { post_id: post, created_at: at(), feedback_type: 'tp', user_id: id },
  });

const limited = (scope: WaitScope): SendResult => ({ outcome: 'notAccepted', scope, waitMs: 20_000, reason: '429' });
const lost = { outcome: 'unknown', waitMs: 20_000, reason: '502' } as const;
const troubles: readonly (readonly [string, SendResult])[] = [
  ['limited', limited('change')],
  ['refused for a while', limited('message')],
  ['not answered', lost],
  ['refused', { outcome: 'rejected', reason: '400' }],
];
const ways = ['edit', 'react', 'thread'] as const;

const begin = async (updates: string, options: RigOptions = {}) => {
  rig = await createOutboxRig({ options: { card: true, updates }, ...options });
  await rig.deliver(report(1));
  await rig.clock.advance(1_000);
};
const attempts = (kind: string) => rig.adapter.requests.filter(({ action }) => action?.kind === kind).length;

describe('a change of a message', () => {
  it.each(ways.flatMap((way) => troubles.map(([name, answer]) => [way, name, answer] as const)))(
    'by %s that is %s delays no new message of the room',
    async (way, _, answer) => {
      await begin(way);
      rig.adapter.answerTo = ({ action }) => (action?.kind === way ? answer : null);
      for (let id = 2; id <= 4; id++) {
        await rig.deliver(vote(id), []);
        await rig.clock.advance(1_000);
      }
      expect(attempts(way)).toBeGreaterThan(0);
      await rig.deliver(report(5));
      expect(rig.shown().at(-1)).toContain('post:5');
    },
  );

  it.each(ways)('by %s that is limited is made after the wait, and not asked for before', async (way) => {
    await begin(way);
    rig.adapter.answerTo = ({ action }) => (action?.kind === way ? limited('change') : null);
    await rig.deliver(vote(2), []);
    await rig.clock.advance(15_000);
    expect(attempts(way)).toBe(1);
    rig.adapter.answerTo = () => null;
    await rig.clock.advance(10_000);
    expect(attempts(way)).toBe(2);
  });

  it('costs no write for each message that waits while edits are limited', async () => {
    await begin('edit');
    for (let id = 2; id <= 5; id++) await rig.deliver(report(id));
    await rig.clock.advance(1_000);
    rig.outbox.workers[0]?.gate.pause({ scope: 'change', kind: 'edit', waitMs: 60_000 });
    for (let id = 1; id <= 5; id++) await rig.deliver(vote(id + 10, id), []);
    const stale = () => rig.store.db.selectFrom('messages').select(['id', 'redraw_at']).orderBy('id').execute();
    const before = await stale();
    await rig.clock.advance(30_000);
    expect([before.every(({ redraw_at: at }) => at !== null), await stale()]).toEqual([true, before]);
    expect(attempts('edit')).toBe(0);
    await rig.clock.advance(31_000);
    expect(attempts('edit')).toBe(5);
  });

  it('waits for whole milliseconds, whatever the platform asks for', async () => {
    await begin('edit');
    rig.adapter.answerTo = ({ action }) => (action?.kind === 'edit' ? { ...lost, waitMs: 5_000.5 } : null);
    await rig.deliver(vote(2), []);
    await rig.clock.advance(2_000);
    const dueAt = async () => {
      const sends = rig.store.db.selectFrom('sends').select('due_at').where('state', '=', 'pending');
      return (await sends.executeTakeFirstOrThrow()).due_at;
    };
    const first = await dueAt();
    rig.outbox.workers[0]?.gate.pause({ scope: 'change', kind: 'edit', waitMs: 60_000.5 });
    await rig.clock.advance(6_000);
    expect([first, await dueAt()].map(Number.isInteger)).toEqual([true, true]);
    expect(attempts('edit')).toBe(1);
  });

  it('in a room says nothing of the changes of another kind', async () => {
    await begin('edit');
    const changes: string[] = [];
    rig.adapter.answerTo = ({ action }: SendRequest) => {
      if (action?.kind === 'edit') changes.push(action.target);
      return action?.kind === 'react' ? limited('change') : null;
    };
    rig.outbox.workers[0]?.gate.pause({ scope: 'change', kind: 'react', waitMs: 60_000 });
    await rig.deliver(vote(2), []);
    await rig.clock.advance(1_000);
    expect(changes).toEqual(['$1']);
  });
});

describe('a digest of a wave', () => {
  it('goes on in a new message while edits are limited', async () => {
    rig = await createOutboxRig({ waves: { digestAbove: 4 } });
    for (let id = 1; id <= 6; id++) await rig.deliver(report(id));
    await rig.clock.advance(1_000);
    const before = rig.shown().length;
    rig.adapter.answerTo = ({ action }) => (action?.kind === 'edit' ? limited('change') : null);
    await rig.deliver(report(7));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toHaveLength(before + 1);
    expect(rig.shown().at(-1)).toContain('Buy 7');
  });
});

describe('a notice in a thread', () => {
  it('that is refused for a while is tried again when it is due', async () => {
    await begin('thread');
    rig.adapter.answerTo = ({ action }) => (action?.kind === 'thread' ? limited('message') : null);
    await rig.deliver(vote(2), []);
    await rig.clock.advance(19_000);
    expect(attempts('thread')).toBe(1);
    await rig.clock.advance(3_000);
    expect(attempts('thread')).toBe(2);
  });
});
