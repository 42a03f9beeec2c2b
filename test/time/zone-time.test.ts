import { describe, expect, it } from 'vitest';
import { instantOf, type WallTime, wallTime } from '../../src/time/zone-time.ts';

/** The used part of Temporal, which Node 26 has, but not Node 24, the oldest on which Lookout runs. */
interface TemporalLike {
  readonly Instant: { fromEpochMilliseconds(at: number): { toZonedDateTimeISO(zone: string): Zoned } };
  readonly PlainDateTime: { from(wall: WallTime): { toZonedDateTime(zone: string): Zoned } };
}
interface Zoned extends WallTime {
  readonly epochMilliseconds: number;
  getTimeZoneTransition(direction: 'next'): Zoned | null;
}
const { Temporal } = globalThis as { readonly Temporal?: TemporalLike };

const from = Date.UTC(2025, 0, 1);
const to = Date.UTC(2028, 0, 1);
const minuteMs = 60_000;

/** Instants around every change of a zone's clocks, and some between. */
function instantsOf({ Instant }: TemporalLike, zone: string): readonly number[] {
  const instants: number[] = [];
  for (let at = from; at < to; at += 1_000 * 3_600_000 + 7 * minuteMs) instants.push(at);
  let next = Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  for (; next !== null && next.epochMilliseconds < to; next = next.getTimeZoneTransition('next'))
    for (let minutes = -150; minutes <= 150; minutes += 5) instants.push(next.epochMilliseconds + minutes * minuteMs);
  return instants;
}

const fieldsOf = ({ year, month, day, hour, minute }: WallTime): WallTime => ({ year, month, day, hour, minute });

describe('the clocks of a zone', () => {
  it('spring forward and fall back as Temporal says', () => {
    const zone = 'Europe/Berlin';
    const at = (month: number, day: number, hour: number, minute: number) =>
      new Date(instantOf({ year: 2026, month, day, hour, minute }, zone)).toISOString();
    expect(at(3, 29, 2, 30)).toBe('2026-03-29T01:30:00.000Z');
    expect(at(10, 25, 2, 30)).toBe('2026-10-25T00:30:00.000Z');
    expect(at(12, 32, 24, 90)).toBe('2027-01-02T00:30:00.000Z');
    expect(wallTime(Date.UTC(2026, 9, 25, 1, 30), zone)).toMatchObject({ hour: 2, minute: 30 });
  });

  it
    .skipIf(Temporal === undefined)
    .each([
      ...['UTC', 'Europe/Berlin', 'Europe/Dublin', 'America/New_York', 'America/St_Johns', 'America/Santiago'],
      ...['Africa/Casablanca', 'Africa/Cairo', 'Asia/Kathmandu', 'Asia/Gaza', 'Asia/Tehran', 'Antarctica/Troll'],
      ...['Australia/Lord_Howe', 'Pacific/Chatham', 'Pacific/Apia', 'Pacific/Kiritimati'],
    ])('show in %s what Temporal says, and a time on them is the same instant', (zone) => {
    const temporal = Temporal!;
    for (const at of instantsOf(temporal, zone)) {
      const wall = fieldsOf(temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone));
      expect(wallTime(at, zone), `${zone} ${at}`).toEqual(wall);
      const before = new Date(Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) - 45 * minuteMs);
      const skipped = fieldsOf({
        year: before.getUTCFullYear(),
        month: before.getUTCMonth() + 1,
        day: before.getUTCDate(),
        hour: before.getUTCHours(),
        minute: before.getUTCMinutes(),
      });
      for (const shown of [wall, skipped])
        expect(instantOf(shown, zone), `${zone} ${JSON.stringify(shown)}`).toBe(
          temporal.PlainDateTime.from(shown).toZonedDateTime(zone).epochMilliseconds,
        );
    }
  });
});
