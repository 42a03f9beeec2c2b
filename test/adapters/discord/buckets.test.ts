import { describe, expect, it } from 'vitest';
import { createBuckets } from '../../../src/adapters/discord/buckets.ts';
import { createTestClock } from '../../support/test-clock.ts';

const told = (remaining: string, resetAfter: string) =>
  new Headers({ 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset-after': resetAfter });

describe('what is known of Discord’s limits', () => {
  it('holds a request of which the headers said that there would be none left, until the reset', async () => {
    const clock = createTestClock();
    const buckets = createBuckets(clock, 50);
    buckets.note('POST a', told('1', '4.2'));
    expect(buckets.take('POST a', true)).toBeNull();
    buckets.note('POST a', told('0', '4.2'));
    expect(buckets.take('POST a', true)).toEqual({ scope: 'room', waitMs: 4_250 });
    expect(buckets.take('POST b', true)).toBeNull();
    expect(buckets.take('GET a', true)).toBeNull();
    await clock.advance(4_250);
    expect(buckets.take('POST a', true)).toBeNull();
  });

  it('holds nothing where the headers say nothing, or nonsense', () => {
    const buckets = createBuckets(createTestClock(), 50);
    for (const headers of [new Headers(), told('none', '5'), told('0', 'soon'), told('-1', '5')]) {
      buckets.note('POST a', headers);
      expect(buckets.take('POST a', true)).toBeNull();
    }
  });

  it('lets no more than so many requests into any second, over all rooms', async () => {
    const clock = createTestClock();
    const buckets = createBuckets(clock, 3);
    for (const room of ['a', 'b']) expect(buckets.take(room, true)).toBeNull();
    await clock.advance(600);
    expect(buckets.take('c', true)).toBeNull();
    expect(buckets.take('d', true)).toEqual({ scope: 'account', waitMs: 400 });
    await clock.advance(400);
    expect(buckets.take('d', true)).toBeNull();
    expect(buckets.take('e', true)).toBeNull();
    expect(buckets.take('f', true)).toEqual({ scope: 'account', waitMs: 600 });
    expect(buckets.take('an answer to an interaction', false)).toBeNull();
  });
});
