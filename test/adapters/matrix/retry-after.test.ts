import { describe, expect, it } from 'vitest';
import { retryAfter } from '../../../src/adapters/matrix/client.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('how long an answer asks us to wait', () => {
  it('is read from the header in seconds', () => {
    expect(retryAfter('3', null, now)).toBe(3_000);
    expect(retryAfter('2.5', null, now)).toBe(2_500);
  });

  it('is read from the header as a date', () => {
    expect(retryAfter('Fri, 02 Jan 2026 03:04:35 GMT', null, now)).toBe(30_000);
  });

  it('is read from the body where there is no header, or one that makes no sense', () => {
    expect(retryAfter(null, { retry_after_ms: 2123 }, now)).toBe(2_123);
    expect(retryAfter('soon', { retry_after_ms: 2123 }, now)).toBe(2_123);
  });

  it('is the header’s where both are there', () => {
    expect(retryAfter('3', { retry_after_ms: 2123 }, now)).toBe(3_000);
  });

  it('is a second at least, so that a zero makes no busy loop', () => {
    expect(retryAfter('0', null, now)).toBe(1_000);
    expect(retryAfter(null, { retry_after_ms: -5 }, now)).toBe(1_000);
    expect(retryAfter('Fri, 02 Jan 2026 03:00:00 GMT', null, now)).toBe(1_000);
  });

  it('is an hour at most, so that a broken proxy does not silence us for good', () => {
    expect(retryAfter('99999999999', null, now)).toBe(3_600_000);
  });

  it.each([[null], ['x'], [{ retry_after_ms: 'soon' }], [{ retry_after_ms: Number.NaN }], [[1]], [7]])(
    'is not said by %j',
    (body) => {
      expect(retryAfter(null, body, now)).toBeNull();
    },
  );
});
