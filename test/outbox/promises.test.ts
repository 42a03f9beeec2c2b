import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SendResult } from '../../src/adapters/adapter.ts';
import { openStore } from '../../src/store/open-store.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig, type RigOptions } from '../support/outbox-rig.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';

let rigs: OutboxRig[] = [];
const start = async (options?: RigOptions) => {
  const rig = await createOutboxRig(options);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs) await rig.stop();
  rigs = [];
});

const day = 86_400_000;
/** An answer that never comes: the process dies first. */
const neverAnswered = (_request: unknown, signal: AbortSignal) =>
  new Promise<SendResult>((resolve) => {
    signal.addEventListener('abort', () => resolve({ outcome: 'unknown', waitMs: 0, reason: 'aborted' }));
  });
describe('nothing lost', () => {
  it('a backlog waits in the store while the platform is away', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'later', waitMs: 60_000, reason: 'connection refused' });
    const rig = await start({ adapter });
    for (let id = 1; id <= 300; id++) await rig.deliver(anEvent({ id }));
    expect(adapter.requests).toEqual([]);
    await rig.clock.advance(60_000);
    expect(rig.shown()).toHaveLength(300);
  });

  it('survives on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookout-outbox-'));
    const file = join(folder, 'a.db');
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'accountBroken', reason: 'M_UNKNOWN_TOKEN' });
    const rig = await createOutboxRig({ adapter, store: await openStore(file) });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.stop();
    const second = await start({ store: await openStore(file) });
    expect(second.shown()).toEqual(['posts#create 1']);
    await second.stop();
    rigs = [];
    rmSync(folder, { recursive: true });
  });

  it('an answer that cannot be written is written later, and the send is not repeated', async () => {
    const rig = await start();
    rig.adapter.answers.push(async () => {
      await rig.store.db.schema.alterTable('sends').renameTo('hidden').execute();
      return { outcome: 'sent', platformId: '$here' };
    });
    await rig.deliver(anEvent({ id: 1 }));
    expect(await rig.deliveries()).toEqual(['planned']);
    await rig.store.db.schema.alterTable('hidden').renameTo('sends').execute();
    await rig.clock.advance(2_000);
    expect(await rig.deliveries()).toEqual(['sent']);
    expect(rig.adapter.requests).toHaveLength(1);
  });

  it('an event that cannot be made into a message becomes a dead letter; the room goes on', async () => {
    const rig = await start({
      render: (event) => {
        if (event.rowId === '1') throw new Error('a bug of ours');
        return { title: null, url: null, color: null, body: [], fields: [], footer: null, image: null, link: null };
      },
    });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }));
    expect(await rig.deliveries()).toEqual(['dead: could not be made into a message: a bug of ours', 'sent']);
  });
});

describe('nothing twice', () => {
  it('a send during which the process died is repeated with the same key, and the room shows it once', async () => {
    const adapter = createScriptedAdapter();
    const rig = await start({ adapter });
    adapter.answers.push((request, signal) => {
      adapter.take(request);
      return neverAnswered(request, signal);
    });
    await rig.deliver(anEvent({ id: 1 }));
    const second = await rig.restart();
    expect(adapter.requests).toHaveLength(2);
    expect(second.shown()).toEqual(['posts#create 1']);
    expect(await second.deliveries()).toEqual(['sent']);
    rigs = [second];
  });

  it.each([
    ['the device changed', { account: { id: '@bot:here', device: 'OTHER' } }, 0],
    ['the account changed', { account: { id: '@other:here', device: 'DEVICE' } }, 0],
    ['the platform has forgotten the key', {}, day + 1],
  ])('a send without an answer is looked for in the room first when %s', async (_why, change, later) => {
    const rig = await start();
    rig.adapter.answers.push(neverAnswered);
    await rig.deliver(anEvent({ id: 1 }));
    await rig.kill();
    await rig.clock.advance(later);
    const adapter = Object.assign(createScriptedAdapter(), change);
    adapter.finds.push({ outcome: 'found', platformId: '$there' });
    const second = await rig.restart({ adapter });
    expect(adapter.lookups).toHaveLength(1);
    expect(adapter.requests).toEqual([]);
    expect(await second.deliveries()).toEqual(['sent']);
    rigs = [second];
  });

  it('a send that is not found is planned anew after the platform had a minute to show it', async () => {
    const rig = await start({ adapter: createScriptedAdapter(1_000) });
    rig.adapter.answers.push({ outcome: 'unknown', waitMs: 2_000, reason: '502' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(59_000);
    expect(rig.adapter.requests).toHaveLength(1);
    await rig.clock.advance(2_000);
    expect(rig.adapter.requests).toHaveLength(2);
    expect(rig.adapter.requests[1]?.key).not.toBe(rig.adapter.requests[0]?.key);
    expect(rig.shown()).toEqual(['posts#create 1']);
  });

  it('a send becomes a dead letter `maybe sent` if the room cannot be read back, and is never repeated blindly', async () => {
    const rig = await start({ adapter: createScriptedAdapter(0) });
    rig.adapter.answers.push({ outcome: 'unknown', waitMs: 0, reason: '502' });
    rig.adapter.finds.push({ outcome: 'unreadable', reason: 'a terminal keeps nothing' });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(5_000);
    expect(await rig.deliveries()).toEqual([
      'dead: maybe sent; the room cannot be read back: a terminal keeps nothing',
    ]);
    expect(rig.adapter.requests).toHaveLength(1);
  });

  it('takes an event once, however often it comes', async () => {
    const rig = await start();
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 1, type: 'update' }));
    await rig.deliver(anEvent({ id: 1, type: 'update' }));
    await rig.deliver(anEvent({ id: 1, type: 'update', object: { score: 2 } }));
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#update 1', 'posts#update 1']);
  });

  it('takes the same row again after ten minutes if it has no updated_at', async () => {
    const rig = await start();
    const ref = (receivedAt: number) =>
      anEvent({ model: 'reasons', class: 'Reason', type: 'update', subject: 'reason:1', updatedAt: null, receivedAt });
    const now = rig.clock.now();
    await rig.deliver(ref(now));
    await rig.deliver(ref(now + 599_000));
    expect(rig.shown()).toHaveLength(1);
    await rig.clock.advance(600_000);
    await rig.deliver(ref(now + 600_000));
    expect(rig.shown()).toHaveLength(2);
  });
});

describe('in order', () => {
  it('sends events that wait together by updated_at', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'later', waitMs: 1_000, reason: 'connection refused' });
    const rig = await start({ adapter });
    await rig.deliver(anEvent({ id: 1, type: 'update', updatedAt: '2026-01-02T03:04:09.000Z' }));
    await rig.deliver(anEvent({ id: 1, type: 'create', updatedAt: '2026-01-02T03:04:05.000Z' }));
    await rig.deliver(anEvent({ id: 1, type: 'destroy', updatedAt: '2026-01-02T03:04:05.000Z' }));
    await rig.clock.advance(1_000);
    expect(rig.shown()).toEqual(['posts#create 1', 'posts#update 1', 'posts#destroy 1']);
  });

  it('keeps the order of sends that were stored together before a crash, if the platform then wants the first one later', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'later', waitMs: 1_000, reason: 'connection refused' });
    const rig = await start({ adapter });
    // Enough for the room to find out that it may store several sends together.
    for (let id = 1; id <= 7; id++) {
      await rig.deliver(anEvent({ id }));
      adapter.answers.push({ outcome: 'sent', platformId: `$${id}` });
    }
    for (const type of ['create', 'update', 'destroy'] as const) await rig.deliver(anEvent({ id: 10, type }));
    adapter.answers.push(neverAnswered);
    await rig.clock.advance(1_000);
    expect(await rig.deliveries()).toEqual([...Array(7).fill('sent'), 'planned', 'planned', 'planned']);

    // The process ends before it can write anything.
    await rig.store.db.schema.alterTable('sends').renameTo('hidden').execute();
    await rig.kill();
    await rig.store.db.schema.alterTable('hidden').renameTo('sends').execute();
    adapter.answers.push({ outcome: 'notAccepted', scope: 'message', waitMs: 1_000, reason: '429' });
    const second = await rig.restart();
    rigs = [second];
    expect(second.shown()).toHaveLength(7);
    await second.clock.advance(1_000);
    expect(second.shown().slice(7)).toEqual(['posts#create 10', 'posts#update 10', 'posts#destroy 10']);
  });

  it('lets an update wait half a second for its post', async () => {
    const rig = await start();
    const until = rig.clock.now() + 500;
    await rig.deliver(anEvent({ id: 9, type: 'update', updatedAt: '2026-01-02T03:04:09.000Z' }), ['matrix:!a'], until);
    await rig.clock.advance(100);
    expect(rig.shown()).toEqual([]);
    await rig.deliver(anEvent({ id: 9, receivedAt: rig.clock.now() }));
    expect(rig.shown()).toEqual(['posts#create 9', 'posts#update 9']);
  });

  it('lets it wait longer while events that came in that time are not stored yet', async () => {
    let storedUntil = Number.POSITIVE_INFINITY;
    const rig = await start({ storedUntil: () => storedUntil });
    const came = rig.clock.now();
    storedUntil = came + 40;
    await rig.deliver(anEvent({ id: 9, type: 'update' }), ['matrix:!a'], came + 500);
    await rig.clock.advance(5_000);
    expect(rig.shown()).toEqual([]);
    await rig.deliver(anEvent({ id: 9, receivedAt: came + 40 }));
    expect(rig.shown()).toEqual(['posts#create 9', 'posts#update 9']);

    await rig.deliver(anEvent({ id: 10, type: 'update' }), ['matrix:!a'], came + 500);
    await rig.clock.advance(1_000);
    expect(rig.shown()).toHaveLength(2);
    storedUntil = Number.POSITIVE_INFINITY;
    await rig.clock.advance(20);
    expect(rig.shown()).toEqual(['posts#create 9', 'posts#update 9', 'posts#update 10']);
  });

  it('sends the update alone if the post does not come', async () => {
    const rig = await start();
    await rig.deliver(anEvent({ id: 9, type: 'update' }), ['matrix:!a'], rig.clock.now() + 500);
    await rig.clock.advance(500);
    expect(rig.shown()).toEqual(['posts#update 9']);
  });
});

describe('the end', () => {
  it('is not delayed by a platform that neither answers nor gives up; the send is looked for later', async () => {
    const rig = await start();
    rig.adapter.answers.push(() => new Promise(() => {}));
    await rig.deliver(anEvent({ id: 1 }));
    await rig.kill();
    expect(await rig.deliveries()).toEqual(['planned']);
  });
});

describe('one slow room', () => {
  it('delays no other', async () => {
    const rig = await start();
    rig.adapter.answers.push(neverAnswered);
    await rig.deliver(anEvent({ id: 1 }));
    await rig.deliver(anEvent({ id: 2 }), ['matrix:!b']);
    expect([rig.shown('!a'), rig.shown('!b')]).toEqual([[], ['posts#create 2']]);
  });
});
