import { describe, expect, it } from 'vitest';
import { retryAfter } from '../../../src/adapters/discord/refusal.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('how long Discord asks to wait', () => {
  it.each<[string, string | null, unknown, number | null]>([
    ['the header, in seconds', '65', {}, 65_000],
    ['the body, in seconds with a fraction', null, { retry_after: 64.57 }, 64_570],
    ['the longer of the two', '65', { retry_after: 64.57 }, 65_000],
    ['the longer of the two, the other way round', '1', { retry_after: 1336.57 }, 1_336_570],
    ['a header with a fraction', '0.3', {}, 1_000],
    ['a header with a date', 'Fri, 02 Jan 2026 03:04:12 GMT', {}, 7_000],
    ['not at all', null, {}, null],
    ['not at all, in a page', null, '<html>', null],
    ['no sense', 'soon', { retry_after: 'later' }, null],
  ])('reads %s', (_, header, body, wait) => {
    expect(retryAfter(header, body, now)).toBe(wait);
  });

  it('never says less than a second, nor more than an hour', () => {
    expect(retryAfter('0', {}, now)).toBe(1_000);
    expect(retryAfter(null, { retry_after: -5 }, now)).toBe(1_000);
    expect(retryAfter('Fri, 02 Jan 2026 03:00:00 GMT', {}, now)).toBe(1_000);
    expect(retryAfter('999999999', {}, now)).toBe(3_600_000);
  });
});
