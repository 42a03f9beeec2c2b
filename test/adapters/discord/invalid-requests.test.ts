import { describe, expect, it } from 'vitest';
import { createInvalidRequests } from '../../../src/adapters/discord/invalid-requests.ts';
import { createTestClock } from '../../support/test-clock.ts';

const minute = 60_000;

function start(limit: number) {
  const clock = createTestClock(Date.UTC(2026, 0, 2));
  const told: [number, number][] = [];
  let counted = 0;
  const onCounted = () => {
    counted++;
  };
  const onFull = (count: number, waitMs: number) => told.push([count, waitMs]);
  const invalid = createInvalidRequests({ clock, limit, onCounted, onFull });
  const note = (times: number, status = 403, scope: string | null = null) => {
    for (let n = 0; n < times; n++) invalid.note(status, scope);
  };
  return { clock, told, invalid, note, counted: () => counted };
}

describe('the budget of invalid requests', () => {
  it('counts 401, 403 and 429, but no 429 for which others are to blame, and nothing else', () => {
    const { invalid, note, counted } = start(3);
    note(9, 200);
    note(9, 400);
    note(9, 404);
    note(9, 502);
    note(9, 429, 'shared');
    expect(invalid.hold()).toBeNull();
    note(1, 401);
    note(1, 403);
    expect(invalid.hold()).toBeNull();
    note(1, 429, 'user');
    expect(invalid.hold()).toBeGreaterThan(0);
    expect(counted()).toBe(3);
  });

  it('holds until the oldest answers are more than ten minutes old', async () => {
    const { clock, invalid, note } = start(4);
    note(2);
    await clock.advance(5 * minute);
    note(2);
    const waitMs = invalid.hold() ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(5 * minute);
    expect(waitMs).toBeLessThanOrEqual(5 * minute + 10_000);
    await clock.advance(waitMs - 1);
    expect(invalid.hold()).toBe(1);
    await clock.advance(1);
    expect(invalid.hold()).toBeNull();
    note(2);
    expect(invalid.hold()).toBeGreaterThan(0);
  });

  it('never lets more than the limit into any ten minutes', async () => {
    const { clock, invalid, note } = start(50);
    const at: number[] = [];
    for (let second = 0; second < 3_600; second++) {
      if (invalid.hold() === null) {
        note(1);
        at.push(clock.now());
      }
      await clock.advance(1_000);
    }
    const most = Math.max(...at.map((from) => at.filter((time) => time >= from && time < from + 10 * minute).length));
    expect(most).toBe(50);
    expect(at.length).toBeGreaterThan(200);
  });

  it('says so once an episode, and again in the next', async () => {
    const { clock, told, invalid, note } = start(4);
    note(4);
    for (let n = 0; n < 5; n++) invalid.hold();
    expect(told).toEqual([[4, expect.any(Number)]]);
    // Room for one, which is refused too: still the same episode.
    await clock.advance(11 * minute);
    note(3);
    expect(invalid.hold()).toBeNull();
    note(1);
    invalid.hold();
    expect(told).toHaveLength(1);
    await clock.advance(11 * minute);
    expect(invalid.hold()).toBeNull();
    note(4);
    invalid.hold();
    expect(told).toHaveLength(2);
  });
});
