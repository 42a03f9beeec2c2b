import { describe, expect, it } from 'vitest';
import { nextQuietChange, type QuietHours, quietUntil, weekdays } from '../../src/time/quiet-hours.ts';

const everyDay = { days: weekdays, timeZone: 'Europe/Berlin' };
const night: QuietHours = { fromMinute: 22 * 60, toMinute: 7 * 60, ...everyDay };

function until(now: string, ...hours: readonly QuietHours[]): string | null {
  const end = quietUntil(hours.length === 0 ? [night] : hours, Date.parse(now));
  return end === null ? null : new Date(end).toISOString();
}

function* instants(from: number, to: number, everyMs: number): Generator<number> {
  for (let at = from; at < to; at += everyMs) yield at;
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
    const early = { ...everyDay, fromMinute: 150, toMinute: 240 };
    expect(until('2027-03-28T01:00:00Z', early)).toBeNull();
    expect(until('2027-03-28T01:30:00Z', early)).toBe('2027-03-28T02:00:00.000Z');
  });

  it('last until the end of the longest that apply', () => {
    const lunch = { ...everyDay, fromMinute: 720, toMinute: 780 };
    const siesta = { ...everyDay, fromMinute: 750, toMinute: 900 };
    expect(until('2026-11-24T11:45:00Z', lunch, siesta)).toBe('2026-11-24T14:00:00.000Z');
    expect(until('2026-11-24T11:00:00Z', lunch, siesta)).toBe('2026-11-24T12:00:00.000Z');
  });

  it('do not exist if none are configured', () => {
    expect(quietUntil([], Date.parse('2026-11-24T23:00:00Z'))).toBeNull();
  });

  // 2026-11-27 is a Friday.
  it('that pass midnight belong to the weekday on which they begin', () => {
    const friday: QuietHours = { ...night, days: ['fri'] };
    expect(until('2026-11-26T22:00:00Z', friday)).toBeNull();
    expect(until('2026-11-27T05:59:00Z', friday)).toBeNull();
    expect(until('2026-11-27T21:00:00Z', friday)).toBe('2026-11-28T06:00:00.000Z');
    expect(until('2026-11-28T05:59:00Z', friday)).toBe('2026-11-28T06:00:00.000Z');
    expect(until('2026-11-28T21:00:00Z', friday)).toBeNull();
  });

  it('go by the weekday of their own zone', () => {
    const monday: QuietHours = { fromMinute: 0, toMinute: 60, days: ['mon'], timeZone: 'Pacific/Auckland' };
    // Auckland is 13 h ahead: its Monday begins on Sunday at 11:00 UTC.
    expect(until('2026-11-29T11:30:00Z', monday)).toBe('2026-11-29T12:00:00.000Z');
    expect(until('2026-11-30T00:30:00Z', monday)).toBeNull();
  });

  it('of the Saturday on whose night the clocks change end at their local time on Sunday', () => {
    const saturday: QuietHours = { ...night, days: ['sat'] };
    expect(until('2026-10-25T05:30:00Z', saturday)).toBe('2026-10-25T06:00:00.000Z');
    expect(until('2027-03-28T04:59:00Z', saturday)).toBe('2027-03-28T05:00:00.000Z');
    expect(until('2027-03-28T05:00:00Z', saturday)).toBeNull();
  });

  it.each([
    ['of a night', [night]],
    ['of a weekend', [{ ...night, days: ['sat', 'sun'] as const }]],
    ['that are skipped in spring', [{ ...everyDay, fromMinute: 150, toMinute: 170 }]],
    ['of two zones', [night, { ...night, timeZone: 'Australia/Lord_Howe', fromMinute: 120, toMinute: 119 }]],
  ])('%s do not begin or end before the next change', (_, hours) => {
    // Around the nights in which the clocks of Berlin and of Lord Howe change.
    for (const start of ['2026-03-27', '2026-04-03', '2026-10-02', '2026-10-23'].map((day) => Date.parse(day)))
      for (let at = start; at < start + 4 * 86_400_000; at += 97 * 60_000) {
        const next = nextQuietChange(hours, at);
        expect(next).toBeGreaterThan(at);
        const other = [...instants(at, next, 13 * 60_000), next - 1].find(
          (between) => quietUntil(hours, between) !== quietUntil(hours, at),
        );
        expect(other, `${new Date(at).toISOString()}, ${new Date(next).toISOString()}`).toBeUndefined();
      }
  });
});
