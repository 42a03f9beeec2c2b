import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStrangerLimit } from '../../src/commands/stranger-limit.ts';

const many = (limit: ReturnType<typeof createStrangerLimit>, person: string, count: number, at: number) =>
  Array.from({ length: count }, () => limit.allows(person, at)).filter(Boolean).length;

describe('strangers', () => {
  it('are answered twice each and three times together, and again later', () => {
    const limit = createStrangerLimit();
    expect([many(limit, 'a', 9, 0), many(limit, 'b', 9, 0), many(limit, 'c', 9, 0)]).toEqual([2, 1, 0]);
    expect(limit.allows('c', 19_999)).toBe(false);
    expect(limit.allows('c', 20_000)).toBe(true);
    expect(limit.allows('a', 59_999)).toBe(false);
    expect(limit.allows('a', 60_001)).toBe(true);
  });

  it('use up a quarter of what a homeserver allows, however many they are and whatever the clock does', () => {
    const asking = fc.array(fc.record({ person: fc.nat(40), afterMs: fc.integer({ min: -5_000, max: 5_000 }) }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(asking, (asked) => {
        const limit = createStrangerLimit();
        let now = 0;
        let passed = 0;
        let answered = 0;
        for (const { person, afterMs } of asked) {
          now += afterMs;
          passed += Math.max(0, afterMs);
          if (limit.allows(String(person), now)) answered++;
          expect(answered).toBeLessThanOrEqual(3 + passed / 20_000);
        }
      }),
    );
  });
});
