import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import type { EventObject } from '../../src/words.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions, stateOf } from '../support/outbox-rig.ts';
import { textMessage } from '../support/scripted-adapter.ts';

let rig: OutboxRig;
const start = async (options?: RigOptions) => {
  rig = await createOutboxRig({ options: { card: true }, ...options });
};
afterEach(() => rig.stop());

const at = () => new Date(rig.clock.now()).toISOString();
const report = (id = 1, object: EventObject = {}) =>
  anEvent({
    id,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { title: `Buy ${id}`, created_at: at(), deleted_at: null, ...object },
  });
const hanging = (model: string, id: number, object: EventObject, post = 1) =>
  anEvent({
    model,
    id,
    subject: `post:${post}`,
    receivedAt: rig.clock.now(),
    updatedAt: at(),
    object: { post_id: post, created_at: at(), ...object },
  });
const vote = (id: number, type = 'tp', post = 1) =>
  hanging('feedbacks', id, { feedback_type: type, user_id: id }, post);
const deletion = (id: number, post = 1) => hanging('deletion_logs', id, { is_deleted: true }, post);
/** What nobody has a delivery for, but cards show. */
const happens = (...events: ReturnType<typeof anEvent>[]) =>
  events.reduce(async (before, event) => {
    await before;
    await rig.deliver(event, []);
  }, Promise.resolve());
const kinds = () => rig.adapter.requests.map(({ action }) => action?.kind);
const card = (fate: string, tp: number, fp = 0, id = 1) => `card post:${id}: ${fate}, tp ${tp} fp ${fp}`;
const gone: SendResult = { outcome: 'rejected', reason: 'Unknown Message', target: 'gone' };
const tooOld: SendResult = { outcome: 'rejected', reason: 'too old', target: 'tooOld' };
const away = { outcome: 'notAccepted', scope: 'room', waitMs: 5_000, reason: 'refused' } as const;
const unclear: SendResult = { outcome: 'unknown', waitMs: 0, reason: '502' };

describe('a card', () => {
  it('is one message, edited as its post changes', async () => {
    await start();
    await rig.deliver(report());
    expect(rig.shown()).toEqual([card('stands', 0)]);
    await happens(vote(2));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
    await happens(deletion(3));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('deleted', 1)]);
    expect(kinds()).toEqual(['create', 'edit', 'edit']);
  });

  it('stays as it is if its change cannot be drawn, and its room goes on', async () => {
    let fails = false;
    await start({
      card: async ({ subject }) => {
        if (fails) throw new Error('a bug of ours');
        return { message: textMessage(subject), isOver: false };
      },
    });
    await rig.deliver(report());
    fails = true;
    await happens(vote(2));
    await rig.clock.advance(2_000);
    fails = false;
    await rig.deliver(report(3));
    expect(rig.shown()).toEqual(['post:1', 'post:3']);
    expect(kinds()).toEqual(['create', 'create']);
  });

  it('waits if the database cannot be read, and does not become a dead letter', async () => {
    let fails = true;
    await start({
      card: async ({ subject }) => {
        if (fails) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
        return { message: textMessage(subject), isOver: false };
      },
    });
    await rig.deliver(report());
    expect(await rig.deliveries()).toEqual(['waiting']);
    fails = false;
    await rig.clock.advance(2_000);
    expect(await rig.deliveries()).toEqual(['sent']);
  });

  it('is edited once for events within a second, and not if it would look the same', async () => {
    await start();
    await rig.deliver(report());
    await rig.clock.advance(2_000);
    await happens(vote(2), vote(3), vote(4, 'fp'));
    await rig.clock.advance(999);
    expect(kinds()).toEqual(['create']);
    await rig.clock.advance(1);
    expect(rig.shown()).toEqual([card('stands', 2, 1)]);
    await happens({ ...report(), type: 'update' });
    await rig.clock.advance(60_000);
    expect(kinds()).toEqual(['create', 'edit']);
  });

  it('shows all events of its post that the subscription matches, and each event knows its message', async () => {
    await start();
    await rig.deliver(report());
    await rig.deliver(vote(2));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
    expect(await rig.deliveries()).toEqual(['sent', 'sent: its card shows it']);
    const rows = await rig.store.db.selectFrom('deliveries').select('message_id').execute();
    expect(new Set(rows.map((row) => row.message_id)).size).toBe(1);
  });

  it('shows what came for another report of its post, and is edited for it', async () => {
    await start();
    const link = '//stackoverflow.com/a/1';
    await rig.deliver(report(1, { link }));
    await rig.clock.advance(2_000);
    await rig.deliver(report(2, { link }));
    await happens(vote(3, 'tp', 1), vote(4, 'fp', 2), deletion(5, 1));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('deleted', 1, 1), card('deleted', 1, 1, 2)]);
  });

  it('that can be edited no longer goes on in a new one when something happens to another report of its post', async () => {
    await start();
    const link = '//stackoverflow.com/a/1';
    await rig.deliver(report(1, { link }));
    await happens(report(2, { link }));
    await rig.clock.advance(5_000);
    await happens(vote(3, 'tp', 2));
    rig.adapter.answers.push(tooOld);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual([card('stands', 0), card('stands', 1)]);
  });

  it('is shown once in each room', async () => {
    await start();
    await rig.deliver(report(), ['matrix:!a', 'matrix:!b']);
    await happens(vote(2));
    await rig.clock.advance(1_000);
    expect([rig.shown('!a'), rig.shown('!b')]).toEqual([[card('stands', 1)], [card('stands', 1)]]);
  });

  it('shows events that came while it was being sent', async () => {
    await start();
    rig.adapter.answers.push(async (request) => {
      await rig.deliver(vote(2), []);
      return { outcome: 'sent', platformId: `$of-${request.key}` };
    });
    await rig.deliver(report());
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
  });

  it('ends in the last state, whatever happens to its edits', async () => {
    await start();
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push(away);
    await rig.clock.advance(1_000);
    await happens(vote(3));
    rig.adapter.answers.push(unclear);
    await rig.clock.advance(6_000);
    await happens(deletion(4));
    await rig.clock.advance(10_000);
    expect(rig.shown()).toEqual([card('deleted', 2)]);
  });

  it('is edited after kill -9', async () => {
    await start();
    await rig.deliver(report());
    await happens(vote(2));
    rig = await rig.restart();
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
  });

  it('repeats an edit that was under way at kill -9', async () => {
    await start();
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push(() => new Promise(() => {}));
    await rig.clock.advance(1_000);
    rig = await rig.restart();
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
    const edits = rig.adapter.requests.filter(({ action }) => action?.kind === 'edit');
    expect(new Set(edits.map(({ key }) => key)).size).toBe(1);
  });

  it('that was deleted in the room stays deleted', async () => {
    await start();
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push(gone);
    await rig.clock.advance(1_000);
    await rig.deliver(vote(3));
    await happens(deletion(4));
    await rig.clock.advance(60_000);
    expect(kinds()).toEqual(['create', 'edit']);
    expect(await rig.deliveries()).toEqual(['sent', 'cancelled: its card was deleted in the room']);
  });

  it('too old to be edited is answered, and the answer goes on in its place', async () => {
    await start();
    await rig.deliver(report());
    const [created] = rig.adapter.requests;
    await happens(vote(2));
    rig.adapter.answers.push(tooOld);
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 0), card('stands', 1)]);
    expect(rig.adapter.requests.at(-1)?.action).toEqual({ kind: 'reply', target: '$1' });
    expect(created?.action).toEqual({ kind: 'create' });
    await happens(vote(3));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 0), card('stands', 2)]);
  });

  it('of another account is answered instead of edited', async () => {
    await start();
    await rig.deliver(report());
    rig.adapter.account = { id: '@other:here', device: 'DEVICE' };
    rig = await rig.restart();
    await happens(vote(2));
    await rig.clock.advance(2_000);
    expect(kinds()).toEqual(['create', 'reply']);
    expect(rig.shown().at(-1)).toBe(card('stands', 1));
  });

  it('that cannot be sent becomes a dead letter, and is sent when that is retried', async () => {
    await start();
    rig.adapter.answers.push({ outcome: 'rejected', reason: 'no' });
    await rig.deliver(report());
    await happens(vote(2));
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual([]);
    expect(await rig.deliveries()).toEqual(['dead: no']);
  });

  it('yields to new messages', async () => {
    await start();
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push(away);
    await rig.clock.advance(1_000);
    await happens(vote(3));
    await rig.deliver(report(7));
    await rig.clock.advance(5_000);
    expect(kinds()).toEqual(['create', 'edit', 'create', 'edit']);
    expect(rig.shown()).toEqual([card('stands', 2), card('stands', 0, 0, 7)]);
  });
});

describe('a card and mutes, reviews', () => {
  it('stays as it is while the whole room is muted, and is brought up to date afterwards', async () => {
    let isPaused = true;
    await start({ isPaused: () => isPaused });
    await rig.deliver(report());
    await happens(vote(2));
    await rig.clock.advance(60_000);
    expect(rig.shown()).toEqual([card('stands', 0)]);
    isPaused = false;
    rig.directory.wake([1]);
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1)]);
  });

  it.each(['item first', 'result first'])(
    'knows the result of a review, which names its item alone: %s',
    async (order) => {
      await start();
      await rig.deliver(report());
      const item = hanging('review_items', 70, { reviewable_type: 'Post', reviewable_id: 1, post_id: null });
      const result = anEvent({
        model: 'review_results',
        id: 80,
        subject: 'review_result:80',
        receivedAt: rig.clock.now(),
        object: { review_item_id: 70, result: 'tp' },
      });
      await happens(...(order === 'item first' ? [item, result] : [result, item]));
      expect((await stateOf(rig.store.db, 'post:1')).reviews.map(({ row }) => row.result)).toEqual(['tp']);
    },
  );
});

describe('cards in one message', () => {
  const waves = { digestAbove: 1_000 };

  it('are redrawn together when something happens to one of them', async () => {
    await start({ waves });
    rig.adapter.answers.push({ ...away, waitMs: 3_000 });
    await rig.deliver(report(1));
    await rig.deliver(report(2));
    await rig.clock.advance(3_000);
    expect(rig.shown()).toEqual([`${card('stands', 0)} + ${card('stands', 0, 0, 2)}`]);
    await happens(vote(5, 'tp', 2));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([`${card('stands', 0)} + ${card('stands', 1, 0, 2)}`]);
    expect(rig.adapter.requests.at(-1)?.action?.kind).toBe('edit');
  });

  it('are one for each post, even if several of its events wait', async () => {
    await start({ waves });
    rig.adapter.answers.push({ ...away, waitMs: 3_000 });
    await rig.deliver(report(1));
    await rig.deliver(vote(5));
    await rig.deliver(report(2));
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual([`${card('stands', 1)} + ${card('stands', 0, 0, 2)}`]);
    expect(await rig.deliveries()).toEqual(['sent', 'sent: its card shows it', 'sent']);
  });

  it('go on one by one if that message cannot be edited any more', async () => {
    await start({ waves });
    rig.adapter.answers.push({ ...away, waitMs: 3_000 });
    await rig.deliver(report(1));
    await rig.deliver(report(2));
    await rig.clock.advance(60_000);
    await happens(vote(5, 'tp', 2));
    rig.adapter.answers.push(tooOld);
    await rig.clock.advance(2_000);
    expect(rig.shown().slice(1)).toEqual([card('stands', 1, 0, 2)]);
    await happens(deletion(6, 1));
    await rig.clock.advance(2_000);
    expect(rig.shown().slice(1)).toEqual([card('stands', 1, 0, 2), card('deleted', 0)]);
  });
});

describe('cards and a wave', () => {
  it('posts are lines of its digest, and those that still stand get cards after it is over', async () => {
    await start({ waves: { digestAbove: 4 } });
    for (let id = 1; id <= 4; id++) await rig.deliver(report(id));
    await rig.clock.advance(1_000);
    for (let id = 5; id <= 8; id++) await rig.deliver(report(id));
    await rig.clock.advance(5_000);
    await happens(deletion(50, 5), vote(51, 'fp', 6));
    expect(rig.shown()).toHaveLength(5);
    await rig.clock.advance(70_000);
    // Nothing comes any more, and the room looks by itself.
    rig.directory.wake([1]);
    await rig.clock.advance(1_000);
    const shown = rig.shown().slice(5);
    expect(shown.toSorted()).toEqual([card('stands', 0, 0, 7), card('stands', 0, 0, 8)]);
    await happens(vote(52, 'tp', 7));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toContain(card('stands', 1, 0, 7));
  });
});

describe('other ways to show updates', () => {
  it('reply: new facts answer the card, once', async () => {
    await start({ options: { card: true, updates: 'reply' } });
    await rig.deliver(report());
    await happens(vote(2), vote(3));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 0), '🔴 tp after 0 s\n🔴 tp after 0 s']);
    expect(rig.adapter.requests.at(-1)?.action).toEqual({ kind: 'reply', target: '$1' });
    await rig.clock.advance(1_000);
    await happens({ ...vote(2), type: 'destroy' }, deletion(4));
    await rig.clock.advance(1_000);
    expect(rig.shown().slice(2)).toEqual(['⚫ deleted after 2 s\n⚪ a tp was taken back']);
    await rig.clock.advance(60_000);
    expect(rig.shown()).toHaveLength(3);
  });

  it('reply: facts that the card shows from the beginning are not announced again', async () => {
    await start({ options: { card: true, updates: 'reply' } });
    await happens(vote(2));
    await rig.deliver(report());
    await happens(vote(3));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual([card('stands', 1), '🔴 tp after 0 s']);
  });

  it('thread: the same in a thread', async () => {
    await start({ options: { card: true, updates: 'thread' } });
    await rig.deliver(report());
    await happens(vote(2));
    await rig.clock.advance(1_000);
    expect(rig.adapter.requests.at(-1)?.action).toEqual({ kind: 'thread', target: '$1' });
  });

  it('reply: it is stored before it is sent, so that kill -9 neither loses nor repeats it', async () => {
    await start({ options: { card: true, updates: 'reply' } });
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push(() => new Promise(() => {}));
    await rig.clock.advance(1_000);
    rig = await rig.restart();
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual([card('stands', 0), '🔴 tp after 0 s']);
  });

  it('react: reactions show the current facts', async () => {
    await start({ options: { card: true, updates: 'react' } });
    await rig.deliver(report());
    await happens(vote(2), vote(3, 'fp'));
    await rig.clock.advance(1_000);
    const reactions = () =>
      rig.adapter.requests.flatMap(({ action, payload }) =>
        action?.kind === 'react' || action?.kind === 'redact' ? [`${action.kind} ${payload} ${action.target}`] : [],
      );
    expect(reactions()).toEqual(['react 🔴 $1', 'react 🟢 $1']);
    await happens({ ...vote(3, 'fp'), type: 'destroy' });
    await rig.clock.advance(1_000);
    expect(reactions().slice(2)).toEqual([expect.stringMatching(/^redact 🟢 /)]);
  });

  it('react: a reaction that the platform does not take is left out, and not tried again', async () => {
    await start({ options: { card: true, updates: 'react' } });
    await rig.deliver(report());
    await happens(vote(2));
    rig.adapter.answers.push({ outcome: 'rejected', reason: 'Reaction blocked' });
    await rig.clock.advance(1_000);
    await happens(vote(3, 'fp'));
    await rig.clock.advance(60_000);
    expect(kinds()).toEqual(['create', 'react', 'react']);
  });
});

describe('a held delivery', () => {
  const options = { hold: 300_000, unless: 'subject.deleted' };

  it('is sent when its time is over', async () => {
    await start({ options });
    await rig.deliver(report());
    await rig.clock.advance(299_000);
    expect(await rig.deliveries()).toEqual(['waiting: held']);
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('is cancelled if its condition is true by then', async () => {
    await start({ options, cancelReason: async ({ subject }) => `${subject} is deleted` });
    await rig.deliver(report());
    await rig.clock.advance(300_000);
    expect(rig.shown()).toEqual([]);
    expect(await rig.deliveries()).toEqual(['cancelled: post:1 is deleted']);
  });
});

describe('a card that pinged', () => {
  it('still shows the people that it pinged when it is edited', async () => {
    const mentions: unknown[] = [];
    await start({ options: { card: true, mention: ['@ann:here'], mention_cooldown: 1_000 } });
    const { format } = rig.adapter;
    rig.adapter.format = (message, key, room, pinged) => {
      mentions.push(pinged);
      return format(message, key, room, pinged);
    };
    await rig.deliver(report());
    await happens(vote(2));
    await rig.clock.advance(1_000);
    const ann = [{ kind: 'user', id: '@ann:here' }];
    expect(mentions).toEqual([ann, ann]);
    expect(kinds()).toEqual(['create', 'edit']);
  });
});

describe('mentions', () => {
  const options = { mention: ['@ann:here', 'discord:123456789012345678'], mention_cooldown: 600_000 };
  const pinged = () => rig.store.db.selectFrom('messages').select('pinged').orderBy('id').execute();

  it('ping once within their cooldown, in each room', async () => {
    await start({ options });
    await rig.deliver(report(1), ['matrix:!a', 'matrix:!b']);
    await rig.deliver(report(2));
    await rig.clock.advance(600_000);
    await rig.deliver(report(3));
    const rooms = (await pinged()).map((row) => row.pinged);
    expect(rooms).toEqual(['test', 'test', null, 'test']);
  });
});
