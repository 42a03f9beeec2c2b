import { beforeEach, describe, expect, it } from 'vitest';
import { heardUntil } from '../../../src/inputs/gaps/heard-until.ts';
import { createMissedRig, type MissedRig } from '../../support/missed-rig.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
/** Margin for events that were on their way. */
const margin = 5 * second;

let rig: MissedRig;
beforeEach(async () => {
  rig = await createMissedRig();
});

const mark = () => heardUntil(rig.store.db, 'metasmoke', Number.MAX_SAFE_INTEGER);
const spans = async () => (await rig.gaps()).map(({ from, until }) => [from, until]);
const post = (id: number) => {
  const at = new Date(rig.clock.wall()).toISOString();
  return { id, title: 'T', created_at: at, updated_at: at };
};
const live = (id: number) => rig.pipeline.receive({ event_type: 'create', event_class: 'Post', object: post(id) });

/** Makes every transaction fail until the returned function is called. */
function breakStore(): () => void {
  const { db } = rig.store;
  const { transaction } = db;
  db.transaction = () => {
    throw new Error('the store is away');
  };
  return () => {
    db.transaction = transaction;
  };
}

describe('a gap after a restart', () => {
  it('begins where reception stopped: a quiet hour with three restarts has three short gaps, and no alert', async () => {
    await rig.start({ events: 'posts' });
    live(1);
    const spent: number[][] = [];
    for (let restart = 1; restart <= 3; restart++) {
      await rig.listen(20 * minute);
      const stoppedAt = rig.clock.wall();
      await rig.stop();
      await rig.clock.advance(5 * second);
      await rig.start({ events: 'posts' });
      spent.unshift([stoppedAt - margin, rig.clock.wall()]);
    }
    expect(await spans()).toEqual(spent);
    expect(rig.told).toEqual([]);
    // The log, `status` and the metrics report the same.
    const lines = rig.said.filter((line) => line.includes('may have been missed'));
    expect(lines).toHaveLength(3);
    for (const [from = 0, until = 0] of spent)
      expect(lines.join('\n')).toContain(
        `from ${new Date(from).toISOString()} to ${new Date(until).toISOString()} may have been missed`,
      );
  });

  it('begins at most a quarter of a minute too early after a kill', async () => {
    await rig.start();
    await rig.listen(10 * minute + 7 * second);
    const killedAt = rig.clock.wall();
    await rig.kill();
    await rig.clock.advance(minute);
    await rig.start();
    const [[from = 0, until = 0] = []] = await spans();
    expect(until).toBe(rig.clock.wall());
    expect(killedAt - from).toBeGreaterThan(margin);
    expect(killedAt - from).toBeLessThan(20 * second);
  });

  it('is reported if it was long and part of it cannot be fetched', async () => {
    await rig.start({ events: 'posts' });
    await rig.stop();
    await rig.clock.advance(2 * minute);
    await rig.start({ events: 'posts' });
    expect(rig.told).toEqual([
      expect.stringMatching(/may have been missed \(Lookout was not running\); .*: posts#update\.$/),
    ]);
  });

  it('is reported as lost for the lack of an API where none is set', async () => {
    await rig.start({ events: 'posts', hasApi: false });
    await rig.stop();
    await rig.clock.advance(2 * minute);
    await rig.start({ events: 'posts', hasApi: false });
    expect(rig.told).toEqual([expect.stringMatching(/; cannot be fetched, since source\.api is not set: posts/)]);
  });

  it('is one gap if Lookout is killed again and again before it is subscribed', async () => {
    await rig.start();
    await rig.listen(minute);
    const stoppedAt = rig.clock.wall();
    await rig.stop();
    for (let crash = 1; crash <= 5; crash++) {
      await rig.clock.advance(second);
      await rig.start();
      await rig.kill();
    }
    expect(await spans()).toEqual([[stoppedAt - margin, rig.clock.wall()]]);
  });

  it('begins with the last frame if the connection was dead before', async () => {
    await rig.start();
    await rig.listen(minute);
    const deadAt = rig.clock.wall();
    await rig.clock.advance(10 * minute);
    await rig.stop();
    await rig.start();
    expect(await spans()).toEqual([[deadAt - margin, rig.clock.wall()]]);
  });

  it('begins with the first subscription if no event was ever received', async () => {
    await rig.start({ isSubscribed: false });
    await rig.clock.advance(minute);
    await rig.stop();
    await rig.start();
    expect(await spans()).toEqual([]);
    const firstAt = rig.clock.wall();
    await rig.kill();
    await rig.clock.advance(hour);
    await rig.start();
    expect(await spans()).toEqual([[firstAt - margin, rig.clock.wall()]]);
  });

  it('begins with the last event after a version of Lookout that stored no mark', async () => {
    await rig.start();
    live(1);
    await rig.pipeline.idle();
    const at = rig.clock.wall();
    await rig.kill();
    await rig.store.db
      .updateTable('sources')
      .set({ heard_until: null, first_heard_at: at - hour })
      .execute();
    await rig.clock.advance(minute);
    await rig.start();
    expect(await spans()).toEqual([[at - margin, rig.clock.wall()]]);
  });
});

describe('the stored mark of how far the source was received', () => {
  it('is stored a few times a minute, and not without new proof', async () => {
    await rig.start();
    const notes = new Set<unknown>();
    for (let n = 0; n < 60; n++) {
      await rig.listen(second);
      notes.add(await mark());
    }
    expect(notes.size).toBeGreaterThan(2);
    expect(notes.size).toBeLessThan(7);
    await rig.listen(15 * second);
    await rig.clock.advance(15 * second);
    const noted = await mark();
    await rig.clock.advance(hour);
    expect(await mark()).toBe(noted);
  });

  it('never covers events that are not in the store', async () => {
    await rig.start();
    await rig.listen(minute);
    const before = await mark();
    const repair = breakStore();
    live(1);
    await rig.listen(2 * minute);
    expect(await mark(), 'a kill now loses nothing: the gap begins before it').toBe(before);
    repair();
    await rig.listen(minute);
    expect(await rig.posts()).toEqual([1]);
    expect(await mark()).toBeGreaterThan(Number(before) + 2 * minute);
  });

  it('is not stored at the end if received events could not be committed in time', async () => {
    await rig.start();
    await rig.listen(minute);
    const before = await mark();
    breakStore();
    live(1);
    await rig.listen(10 * second);
    const now = new AbortController();
    const stopped = [rig.missed.stop(now.signal), rig.pipeline.stop(now.signal)];
    await rig.clock.advance(second);
    now.abort();
    await Promise.all(stopped);
    expect(await mark()).toBe(before);
  });

  it('never goes past a gap that could not be stored', async () => {
    await rig.start();
    await rig.listen(minute);
    const lostAt = rig.clock.wall();
    await rig.clock.advance(minute);
    const repair = breakStore();
    const before = await mark();
    rig.missed.gap({ from: lostAt, reason: 'closed' });
    const until = rig.clock.wall();
    await rig.listen(minute);
    expect(await mark()).toBe(before);
    repair();
    await rig.listen(30 * second);
    expect(await spans()).toEqual([[lostAt - margin, until]]);
    expect(await mark()).toBeGreaterThan(until);
    // It is fetched then, too.
    await rig.until(async () => (await rig.gaps())[0]?.openFrom === null);
  });
});

describe('a clock that is set', () => {
  it('back while Lookout runs: the mark follows it', async () => {
    await rig.start();
    await rig.listen(minute);
    rig.clock.set(-24 * hour);
    await rig.listen(minute);
    const stoppedAt = rig.clock.wall();
    await rig.stop();
    await rig.clock.advance(minute);
    await rig.start();
    expect(await spans()).toEqual([[stoppedAt - margin, rig.clock.wall()]]);
  });

  it('back while Lookout does not run: everything that may be fetched is a gap', async () => {
    await rig.start();
    await rig.listen(minute);
    await rig.stop();
    rig.clock.set(-hour);
    await rig.start();
    expect(await spans()).toEqual([[rig.clock.wall() - 24 * hour - margin, rig.clock.wall()]]);
    expect((await rig.gaps())[0]?.reason).toBe('Lookout was not running, and the clock was set back');
    // The right time replaces the later one.
    await rig.listen(minute);
    expect(await mark()).toBeLessThanOrEqual(rig.clock.wall());
  });

  it('back between a start and the subscription: the gap is as long as it was', async () => {
    await rig.start();
    await rig.listen(minute);
    const stoppedAt = rig.clock.wall();
    await rig.stop();
    await rig.clock.advance(minute);
    await rig.start({ isSubscribed: false });
    rig.clock.set(-14 * minute);
    rig.subscribe();
    await rig.clock.advance(0);
    expect(await spans()).toEqual([[stoppedAt - 14 * minute - margin, rig.clock.wall()]]);
  });

  it('forward while Lookout does not run: the gap is longer, not shorter', async () => {
    await rig.start();
    await rig.listen(minute);
    const stoppedAt = rig.clock.wall();
    await rig.stop();
    rig.clock.set(hour);
    await rig.start();
    expect(await spans()).toEqual([[stoppedAt - margin, rig.clock.wall()]]);
  });
});

it('events of a gap that were being stored when Lookout was killed are fetched', async () => {
  await rig.start();
  await rig.listen(minute);
  // It was sent, but never committed.
  rig.api.tables.posts.push(post(7));
  await rig.kill();
  await rig.clock.advance(minute);
  await rig.start();
  await rig.until(async () => (await rig.posts()).includes(7));
});
