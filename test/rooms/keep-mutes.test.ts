import { afterEach, describe, expect, it } from 'vitest';
import { pruneBatch } from '../../src/outbox/rows/prune.ts';
import { extendMuteRow } from '../../src/rooms/mute-rows.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

const room = 'matrix:!a:a.org';
const hourMs = 3_600_000;

describe('mutes', () => {
  let rig: CommandsRig;

  afterEach(() => rig.stop());

  // The rig's clock starts at 03:04:05 UTC.
  const quiet = 'quiet: "02:00-07:00"';
  const post = (id: number) => anEvent({ id, object: { id, title: `Title ${id}` } });
  const restart = async (afterMs = 0) => {
    await rig.kill();
    await rig.outbox.clock.advance(afterMs);
    rig = await createCommandsRig({ quiet, store: rig.outbox.store, clock: rig.outbox.clock });
    await rig.outbox.clock.advance(0);
  };
  const shown = () => rig.outbox.shown('!a:a.org').map((text) => text.replaceAll('`', ''));
  const say = (text: string) =>
    rig.commands.run({
      key: null,
      platform: 'matrix',
      room: '!a:a.org',
      direct: false,
      asker: { id: '@owner:a.org', roles: [], manages: true, power: 100 },
      said: { kind: 'line', text },
      answered: 'counted',
      about: null,
    });

  it('of quiet hours hold events back from their beginning to their end, across restarts', async () => {
    rig = await createCommandsRig({ quiet });
    await rig.outbox.deliver(post(1), [room]);
    await restart();
    await rig.outbox.deliver(post(2), [room]);
    expect(shown()).toEqual([]);
    await rig.outbox.clock.advance(4 * hourMs);
    expect(shown()).toEqual([
      expect.stringMatching(/^Quiet hours are over: the whole room. Held back: 2 events about 2 posts\./),
    ]);
    await rig.outbox.deliver(post(3), [room]);
    expect(shown()).toHaveLength(2);
    const authors = await rig.outbox.store.db.selectFrom('mutes').select('author').execute();
    expect(authors).toEqual([{ author: 'quiet hours' }]);
  });

  it('of quiet hours that ended while Lookout was not running are reported once at the start', async () => {
    rig = await createCommandsRig({ quiet });
    await rig.outbox.deliver(post(1), [room]);
    await restart(5 * hourMs);
    expect(shown()).toHaveLength(1);
    await restart();
    expect(shown()).toEqual([]);
  });

  it('that are extended at the instant of their end hold on', async () => {
    rig = await createCommandsRig();
    await say('mute for 1h');
    const { clock, store } = rig.outbox;
    const until = clock.now() + 2 * hourMs;
    // As between the keeper's look and its transaction: what it has in memory is older.
    await store.db.transaction().execute((trx) => extendMuteRow(trx, 1, until, null));
    await clock.advance(1.5 * hourMs);
    await rig.outbox.deliver(post(1), [room]);
    expect(shown()).toEqual([]);
    await clock.advance(hourMs);
    expect(shown()).toEqual([expect.stringMatching(/^A mute is over: the whole room\. Held back: 1 event/)]);
  });

  it('of quiet hours may be ended early, and begin again the next day', async () => {
    rig = await createCommandsRig({ quiet });
    await say('unmute');
    await rig.outbox.deliver(post(1), [room]);
    expect(shown()).toEqual(['posts#create 1']);
    await rig.outbox.clock.advance(24 * hourMs);
    await rig.outbox.deliver(post(2), [room]);
    expect(shown()).toHaveLength(1);
  });

  it('of quiet hours end with them, though the clock was a month ahead when they began', async () => {
    rig = await createCommandsRig({ quiet });
    await rig.outbox.deliver(post(1), [room]);
    rig.outbox.clock.set(30 * 24 * hourMs);
    await rig.outbox.clock.advance(10_000);
    rig.outbox.clock.set(-30 * 24 * hourMs);
    await rig.outbox.clock.advance(10_000);
    await rig.outbox.deliver(post(2), [room]);
    await rig.outbox.clock.advance(4 * hourMs);
    await rig.outbox.deliver(post(3), [room]);
    expect(shown().at(-1)).toBe('posts#create 3');
    expect(
      shown()
        .join()
        .match(/Held back: [12] events?/g)?.length,
    ).toBeGreaterThan(0);
    const open = await rig.outbox.store.db.selectFrom('mutes').select('id').where('ended_at', 'is', null).execute();
    expect(open).toEqual([]);
  });

  // The rig's clock starts on Friday, 2 January 2026.
  it('of quiet hours of another weekday hold nothing back', async () => {
    rig = await createCommandsRig({ quiet: 'quiet: { at: 02:00-07:00, days: [thu, sat] }' });
    await rig.outbox.deliver(post(1), [room]);
    expect(shown()).toEqual(['posts#create 1']);
    rig.outbox.clock.set(24 * hourMs);
    await rig.outbox.clock.advance(10_000);
    await rig.outbox.deliver(post(2), [room]);
    expect(shown()).toHaveLength(1);
  });

  it('of quiet hours hold back the events that they name, and not those that they except', async () => {
    const rules = '[{ at: 02:00-07:00, events: posts, except: posts#create }, { at: 03:00-04:00, events: feedbacks }]';
    rig = await createCommandsRig({ quiet: `quiet: ${rules}` });
    await rig.outbox.deliver(anEvent({ id: 1, type: 'update' }), [room]);
    await rig.outbox.deliver(anEvent({ model: 'feedbacks', id: 2 }), [room]);
    expect(shown()).toEqual([]);
    await rig.outbox.deliver(post(3), [room]);
    expect(shown()).toEqual(['posts#create 3']);
    await rig.outbox.clock.advance(hourMs);
    expect(shown().at(-1)).toMatch(
      /^Quiet hours are over: feedbacks#create,update\. Held back: 1 event about 1 post\./,
    );
    await rig.outbox.clock.advance(3 * hourMs);
    expect(shown().at(-1)).toMatch(
      /^Quiet hours are over: posts#create,update except posts#create\. Held back: 1 event about 1 post\./,
    );
    expect(shown()).toHaveLength(3);
  });

  it('of quiet hours that were taken out of the configuration end at the start', async () => {
    rig = await createCommandsRig({ quiet });
    await rig.outbox.deliver(post(1), [room]);
    await rig.kill();
    rig = await createCommandsRig({ store: rig.outbox.store, clock: rig.outbox.clock });
    await rig.outbox.clock.advance(0);
    expect(shown()).toEqual([expect.stringContaining('Held back: 1 event about 1 post.')]);
  });

  it('last as long as announced, whatever the clock is set to in between, and their notice lists all that they held back', async () => {
    rig = await createCommandsRig();
    await say('mute for 1 hour');
    await rig.outbox.deliver(post(1), [room]);
    rig.outbox.clock.set(-24 * hourMs);
    await rig.outbox.clock.advance(hourMs - 60_000);
    rig.outbox.clock.set(48 * hourMs);
    await rig.outbox.clock.advance(30_000);
    await rig.outbox.deliver({ ...post(2), receivedAt: rig.outbox.clock.now() }, [room]);
    expect(shown()).toEqual([]);
    await rig.outbox.clock.advance(60_000);
    expect(shown()).toEqual([expect.stringContaining('Held back: 2 events about 2 posts')]);
  });

  it.each([24, -24])('are announced and end by a wall clock that was set by %i hours', async (hours) => {
    rig = await createCommandsRig();
    rig.outbox.clock.set((hours + 1) * hourMs);
    expect(JSON.stringify(await say('mute until 04:30'))).toContain('04:30 UTC');
    await rig.outbox.deliver({ ...post(1), receivedAt: rig.outbox.clock.now() }, [room]);
    // It is 04:04:05.
    await rig.outbox.clock.advance(25 * 60_000);
    expect(shown()).toEqual([]);
    await rig.outbox.clock.advance(60_000);
    expect(shown()).toHaveLength(1);
  });

  it('keep muted deliveries longer than settled ones are kept', async () => {
    rig = await createCommandsRig();
    await say('mute for 60 days');
    await rig.outbox.deliver(post(1), [room]);
    const { db } = rig.outbox.store;
    const later = rig.outbox.clock.now() + 40 * 24 * hourMs;
    expect(await pruneBatch(db, { cutoff: later, firstKept: Number.MAX_SAFE_INTEGER })).toBe(0);
    await say('unmute');
    await rig.outbox.clock.advance(0);
    expect(shown()).toEqual([expect.stringContaining('Held back: 1 event about 1 post.')]);
    expect(await pruneBatch(db, { cutoff: later, firstKept: Number.MAX_SAFE_INTEGER })).toBeGreaterThan(0);
  });
});
