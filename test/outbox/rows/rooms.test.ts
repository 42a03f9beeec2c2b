import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newestBefore } from '../../../src/inputs/gaps/event-marks.ts';
import { dropDeadLetter, listDeadLetters, retryDeadLetter } from '../../../src/outbox/rows/dead-letters.ts';
import { pruneBatch } from '../../../src/outbox/rows/prune.ts';
import { countParked } from '../../../src/outbox/rows/rooms.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { anEvent } from '../../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../../support/outbox-rig.ts';
import { createScriptedAdapter } from '../../support/scripted-adapter.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

const roomKeys = async () =>
  (await rig.store.db.selectFrom('rooms').select('key').orderBy('id').execute()).map((row) => row.key);

/** Two addresses of one room, not resolved yet, and an event for both. */
const both = ['matrix:!id:here', 'matrix:#alias:here'];
async function startWithBoth() {
  const adapter = createScriptedAdapter();
  adapter.resolve = async () => ({ outcome: 'resolved', address: '!id:here' });
  adapter.loginResults.push({ outcome: 'later', waitMs: 1_000, reason: 'connection refused' });
  rig = await createOutboxRig({ rooms: both, adapter });
  await rig.deliver(anEvent({ id: 1 }), both);
  return adapter;
}

describe('a room', () => {
  it('has its written address as its key until it is resolved', async () => {
    const adapter = createScriptedAdapter();
    adapter.resolves.push({ outcome: 'resolved', address: '!id:here' });
    adapter.loginResults.push({ outcome: 'later', waitMs: 1_000, reason: 'connection refused' });
    rig = await createOutboxRig({ rooms: ['matrix:#alias:here'], adapter });
    await rig.deliver(anEvent({ id: 1 }), ['matrix:#alias:here']);
    expect(await roomKeys()).toEqual(['matrix:#alias:here']);
    await rig.clock.advance(1_000);
    expect(await roomKeys()).toEqual(['matrix:@bot:here:!id:here']);
    expect(rig.shown('!id:here')).toEqual(['posts#create 1']);
  });

  it('that was not resolved yet is tried at once if the platform says that it changed', async () => {
    const adapter = createScriptedAdapter();
    adapter.resolves.push({ outcome: 'roomBroken', reason: 'invite @bot:here' });
    rig = await createOutboxRig({ rooms: ['matrix:#alias:here'], adapter });
    await rig.deliver(anEvent({ id: 1 }), ['matrix:#alias:here']);
    expect(await rig.deliveries()).toEqual(['waiting']);
    adapter.resolves.push({ outcome: 'resolved', address: '!id:here' });
    rig.outbox.roomChanged('matrix', '#alias:here');
    await rig.clock.advance(0);
    expect(rig.shown('!id:here')).toEqual(['posts#create 1']);
  });

  it.each(['matrix:!old:here', 'matrix:#alias:here'])(
    'that was replaced on its platform goes on in the new one, as %s still, also after a restart',
    async (address) => {
      let leadsTo = '!old:here';
      const adapter = createScriptedAdapter();
      adapter.resolve = async () => ({ outcome: 'resolved', address: leadsTo });
      adapter.answers.push({ outcome: 'roomBroken', reason: 'replaced' });
      rig = await createOutboxRig({ rooms: [address], adapter });
      await rig.deliver(anEvent({ id: 1 }), [address]);
      leadsTo = '!new:here';
      await rig.outbox.roomReplaced('matrix', '!old:here', '!new:here');
      await rig.clock.advance(0);
      expect(rig.shown('!new:here')).toEqual(['posts#create 1']);
      rig = await rig.restart();
      await rig.deliver(anEvent({ id: 2 }), [address]);
      expect(rig.shown('!new:here')).toEqual(['posts#create 1', 'posts#create 2']);
    },
  );

  it('that replaced others stays as it is', async () => {
    rig = await createOutboxRig({ rooms: ['matrix:!a', 'matrix:!b'] });
    await rig.outbox.roomReplaced('matrix', '!c', '!d');
    await rig.outbox.roomReplaced('discord', '!a', '!d');
    await rig.deliver(anEvent({ id: 1 }), ['matrix:!a']);
    expect(rig.shown('!a')).toEqual(['posts#create 1']);
  });

  it.each([
    ['an alias by its id', 'matrix:#alias:here', 'matrix:!id:here'],
    ['an id by an alias', 'matrix:!id:here', 'matrix:#alias:here'],
    ['an alias by another', 'matrix:#alias:here', 'matrix:#other:here'],
  ])('goes on, with what it left, when the configuration replaces %s', async (_what, before, after) => {
    const adapter = createScriptedAdapter();
    adapter.resolve = async () => ({ outcome: 'resolved', address: '!id:here' });
    rig = await createOutboxRig({ rooms: [before], adapter });
    await rig.deliver(anEvent({ id: 1 }), [before]);
    adapter.answers.push(async (request, signal) => {
      adapter.take(request);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ outcome: 'unknown', waitMs: 0, reason: 'killed' }));
      });
    });
    await rig.deliver(anEvent({ id: 2 }), [before]);
    await rig.deliver(anEvent({ id: 3 }), [before]);
    for (const written of [after, before, after]) {
      rig = await rig.restart({ rooms: [written] });
      if (written !== after) await rig.deliver(anEvent({ id: 4 }), [written]);
    }
    rig = await rig.restart();
    await rig.deliver(anEvent({ id: 5 }), [after]);
    expect(rig.shown('!id:here')).toEqual([1, 2, 3, 4, 5].map((id) => `posts#create ${id}`));
    expect(new Set(await rig.deliveries())).toEqual(new Set(['sent']));
  });

  it.each(['matrix:!id:here', 'matrix:#alias:here'])(
    'goes on when of its two addresses only %s stays',
    async (stays) => {
      await startWithBoth();
      await rig.clock.advance(1_000);
      rig = await rig.restart({ rooms: [stays] });
      await rig.deliver(anEvent({ id: 2 }), [stays]);
      expect(rig.shown('!id:here')).toEqual(['posts#create 1', 'posts#create 2']);
    },
  );

  it('gets each event once if two written addresses turn out to be one room', async () => {
    await startWithBoth();
    await rig.deliver(anEvent({ id: 2 }), ['matrix:#alias:here']);
    await rig.clock.advance(1_000);
    expect(rig.shown('!id:here').toSorted()).toEqual(['posts#create 1', 'posts#create 2']);
    expect(new Set(both.map((address) => rig.directory.roomId(address))).size).toBe(1);
  });

  it('that left the configuration keeps its deliveries parked, and gets them when it comes back', async () => {
    const adapter = createScriptedAdapter();
    adapter.loginResults.push({ outcome: 'accountBroken', reason: 'M_UNKNOWN_TOKEN' });
    rig = await createOutboxRig({ adapter });
    await rig.deliver(anEvent({ id: 1 }));
    rig = await rig.restart({ rooms: ['matrix:!b'], adapter: createScriptedAdapter() });
    expect(await rig.deliveries()).toEqual(['waiting: parked']);
    expect(await countParked(rig.store.db)).toBe(1);
    expect(rig.adapter.requests).toEqual([]);
    rig = await rig.restart({ rooms: ['matrix:!a', 'matrix:!b'] });
    expect(rig.shown()).toEqual(['posts#create 1']);
  });
});

describe('a dead letter', () => {
  const withDeadLetter = async (store?: Store) => {
    rig = await createOutboxRig(store === undefined ? {} : { store });
    rig.adapter.answers.push({ outcome: 'rejected', reason: 'M_TOO_LARGE' });
    await rig.deliver(anEvent({ id: 1 }));
  };

  it('is listed with its room, subject, events and reason', async () => {
    await withDeadLetter();
    expect(await listDeadLetters(rig.store.db)).toEqual([
      {
        id: 's1',
        kind: 'send',
        room: 'a',
        subject: 'post:1',
        events: ['posts#create'],
        reason: 'M_TOO_LARGE',
        since: rig.clock.now(),
        attempts: 1,
      },
    ]);
  });

  it('that is retried is sent under a new key by the running process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookout-'));
    const file = join(folder, 'a.db');
    await withDeadLetter(await openStore(file));
    await rig.clock.advance(1_000);
    const another = await openStore(file);
    expect(await retryDeadLetter(another.db, 's1', rig.clock.now())).toBe('done');
    expect(await listDeadLetters(another.db)).toEqual([]);
    await another.close();
    await rig.clock.advance(2_000);
    expect(rig.shown()).toEqual(['posts#create 1']);
    expect(rig.adapter.requests[1]?.key).not.toBe(rig.adapter.requests[0]?.key);
    rmSync(folder, { recursive: true });
  });

  it('that is dropped is cancelled for good', async () => {
    await withDeadLetter();
    expect(await dropDeadLetter(rig.store.db, 's1', rig.clock.now())).toBe('done');
    await rig.clock.advance(600_000);
    expect(await rig.deliveries()).toEqual(['cancelled: dropped by the operator']);
    expect(rig.adapter.requests).toHaveLength(1);
  });

  it.each(['s2', 'e1', 's', '1', 'x1', "s1' or 1=1", 's99999999999999999999'])('named %s is unknown', async (id) => {
    await withDeadLetter();
    expect(await retryDeadLetter(rig.store.db, id, 0)).toBe('unknown');
  });
});

describe('pruning', () => {
  it('deletes rows that were settled long ago, in small batches, and none that wait', async () => {
    rig = await createOutboxRig();
    for (let id = 1; id <= 700; id++) await rig.deliver(anEvent({ id }));
    const adapterAway = { outcome: 'notAccepted', scope: 'room', waitMs: 10, reason: 'refused' } as const;
    rig.adapter.answerTo = () => adapterAway;
    await rig.deliver(anEvent({ id: 9_999 }));
    const { db } = rig.store;
    const cutoff = rig.clock.now() + 1;
    const batches: number[] = [];
    for (let gone = 1; gone > 0; batches.push(gone))
      gone = await pruneBatch(db, { cutoff, firstKept: Number.MAX_SAFE_INTEGER });
    expect(Math.max(...batches)).toBeLessThanOrEqual(2_000);
    expect(await rig.deliveries()).toEqual(['waiting']);
    expect(await db.selectFrom('events').select('row_id').execute()).toEqual([{ row_id: '9999' }]);
    expect(await db.selectFrom('sends').select('id').execute()).toEqual([]);
  });

  it('keeps the highest known id of each model', async () => {
    rig = await createOutboxRig();
    for (const id of [7, 12, 9]) await rig.deliver(anEvent({ id }));
    const { db } = rig.store;
    const about = anEvent({ id: 1 });
    const later = rig.clock.now() + 1;
    expect(await newestBefore(db, about, later)).toBe(12);
    while ((await pruneBatch(db, { cutoff: later, firstKept: Number.MAX_SAFE_INTEGER })) > 0);
    expect(await db.selectFrom('events').select('id').execute()).toEqual([]);
    expect(await newestBefore(db, about, later)).toBe(12);
    expect(await newestBefore(db, { ...about, model: 'feedbacks' }, later)).toBeNull();
  });

  it('happens by itself, and keeps rows that are younger than `keep`', async () => {
    rig = await createOutboxRig({ keepMs: 3_600_000 });
    await rig.deliver(anEvent({ id: 1 }));
    await rig.clock.advance(3_000_000);
    expect(await rig.deliveries()).toEqual(['sent']);
    await rig.clock.advance(4_000_000);
    // The source tells what time it is.
    const receivedAt = rig.clock.now();
    await rig.deliver(anEvent({ id: 2, receivedAt, updatedAt: new Date(receivedAt).toISOString() }));
    await rig.clock.advance(3_600_000);
    expect(await rig.deliveries()).toEqual(['sent']);
  });
});
