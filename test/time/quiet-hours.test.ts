import { describe, expect, it } from 'vitest';
import { quietUntil } from '../../src/time/quiet-hours.ts';

const night = [{ fromMinute: 22 * 60, toMinute: 7 * 60 }];
const at = (text: string) => Date.parse(text);

function until(now: string, hours = night, timeZone = 'Europe/Berlin'): string | null {
  const end = quietUntil(hours, at(now), timeZone);
  return end === null ? null : new Date(end).toISOString();
}

describe('quiet hours', () => {
  it('include both sides of midnight', () => {
    expect(until('2026-11-24T20:59:59Z')).toBeNull();
    expect(until('2026-11-24T21:00:00Z')).toBe('2026-11-25T06:00:00.000Z');
    expect(until('2026-11-25T05:59:59Z')).toBe('2026-11-25T06:00:00.000Z');
    expect(until('2026-11-25T06:00:00Z')).toBeNull();
  });

  it('end at their local time in a night in which clocks change', () => {
    expect(until('2026-10-24T21:00:00Z')).toBe('2026-10-25T06:00:00.000Z');
    expect(until('2027-03-27T22:00:00Z')).toBe('2027-03-28T05:00:00.000Z');
  });

  it('begin at a skipped local time as if the clocks had not changed', () => {
    const early = [{ fromMinute: 150, toMinute: 240 }];
    expect(until('2027-03-28T01:00:00Z', early)).toBeNull();
    expect(until('2027-03-28T01:30:00Z', early)).toBe('2027-03-28T02:00:00.000Z');
  });

  it('last until the end of the longest that apply', () => {
    const lunch = { fromMinute: 720, toMinute: 780 };
    const siesta = { fromMinute: 750, toMinute: 900 };
    expect(until('2026-11-24T11:45:00Z', [lunch, siesta])).toBe('2026-11-24T14:00:00.000Z');
    expect(until('2026-11-24T11:00:00Z', [lunch, siesta])).toBe('2026-11-24T12:00:00.000Z');
  });

  it('do not exist if none are configured', () => {
    expect(until('2026-11-24T23:00:00Z', [])).toBeNull();
  });
});
