import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUntil } from '../../src/commands/time-phrase.ts';
import { codePoint } from '../support/code-point.ts';

/** A Tuesday, 13:00 in Berlin. */
const now = Date.parse('2026-11-24T12:00:00Z');

function until(text: string, timeZone = 'Europe/Berlin', at = now): string {
  const parsed = parseUntil(text, at, timeZone);
  return parsed.outcome === 'until' ? new Date(parsed.until).toISOString() : parsed.wrong;
}

describe('a time phrase', () => {
  it.each([
    ['for 90m', '2026-11-24T13:30:00.000Z'],
    ['90m', '2026-11-24T13:30:00.000Z'],
    ['1h30m', '2026-11-24T13:30:00.000Z'],
    ['for 1.5 hours', '2026-11-24T13:30:00.000Z'],
    ['for an hour', '2026-11-24T13:00:00.000Z'],
    ['for 2 days', '2026-11-26T12:00:00.000Z'],
    ['1 week', '2026-12-01T12:00:00.000Z'],
    ['3 hours and 5 minutes', '2026-11-24T15:05:00.000Z'],
    ['in 2h', '2026-11-24T14:00:00.000Z'],
    ['half an hour', '2026-11-24T12:30:00.000Z'],
    ['2 months', '2027-01-23T12:00:00.000Z'],
  ])('counts a length of time from now: %s', (text, expected) => {
    expect(until(text)).toBe(expected);
  });

  it.each([
    ['until 18:00', '2026-11-24T17:00:00.000Z'],
    ['until 6pm', '2026-11-24T17:00:00.000Z'],
    ['until 09:00', '2026-11-25T08:00:00.000Z'],
    ['until tomorrow 9am', '2026-11-25T08:00:00.000Z'],
    ['until 2026-12-01 10:00', '2026-12-01T09:00:00.000Z'],
    ['until 18:00 UTC', '2026-11-24T18:00:00.000Z'],
    ['until 24:00', '2026-11-24T23:00:00.000Z'],
    ['until tonight', '2026-11-24T21:00:00.000Z'],
    ['until tomorrow evening', '2026-11-25T19:00:00.000Z'],
    ['until tuesday', '2026-11-30T23:00:00.000Z'],
  ])('reads a time on the clocks of the zone: %s', (text, expected) => {
    expect(until(text)).toBe(expected);
  });

  it.each([
    ['until monday', '2026-11-29T23:00:00.000Z'],
    ['until tomorrow', '2026-11-24T23:00:00.000Z'],
    ['until 24 dec', '2026-12-23T23:00:00.000Z'],
  ])('takes a day alone for its beginning: %s', (text, expected) => {
    expect(until(text)).toBe(expected);
  });

  it('reads a time behind a change of the clocks by the clocks of then', () => {
    const before = Date.parse('2027-03-27T12:00:00Z');
    expect(until('until tomorrow 9am', 'Europe/Berlin', before)).toBe('2027-03-28T07:00:00.000Z');
    expect(until('until 18:00', 'Asia/Kolkata')).toBe('2026-11-24T12:30:00.000Z');
    expect(until('until tomorrow 9am', 'America/New_York', Date.parse('2026-10-31T16:00:00Z'))).toBe(
      '2026-11-01T14:00:00.000Z',
    );
  });

  it('counts a length of time whatever the clocks of this machine do', () => {
    const { TZ } = process.env;
    try {
      for (const machine of ['Europe/Berlin', 'America/New_York', 'UTC']) {
        process.env.TZ = machine;
        expect(until('for 90m', 'UTC', Date.parse('2026-03-29T00:30:00Z'))).toBe('2026-03-29T02:00:00.000Z');
        expect(until('for 2 days', 'UTC', Date.parse('2026-03-08T06:30:00Z'))).toBe('2026-03-10T06:30:00.000Z');
      }
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  it.each([
    ['until friday 5pm too noisy', '"until friday 5pm too noisy" is not a time'],
    ['yesterday', '"yesterday" is over'],
    ['until 2020-01-01', '"until 2020-01-01" is over'],
    ['for 2 years', '"for 2 years" is more than a year ahead'],
    ['for 18:00', '"for 18:00" is not a time'],
    ['until 18h', '"until 18h" mixes a length and a time'],
    ['until last monday', '"until last monday" is not a time'],
    ['for', '"for" is not a time'],
    ['until ', '"until" is not a time'],
    ['', 'a time is missing'],
    ['x'.repeat(101), 'that is too long for a time'],
  ])('says what is wrong with %j', (text, wrong) => {
    expect(until(text)).toBe(wrong);
  });

  it('never throws, and never gives a time that is over or more than a year ahead', () => {
    const words = fc.constantFrom(
      'for',
      'until',
      'tomorrow',
      'monday',
      '9am',
      '18:00',
      '2',
      'days',
      'h',
      '-5',
      'UTC',
      '31 feb',
      '99999999',
    );
    const text = fc.oneof(
      fc.string({ unit: codePoint, maxLength: 120 }),
      fc.array(words, { maxLength: 8 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseUntil(written, now, 'Europe/Berlin');
        if (parsed.outcome === 'problem') return parsed.wrong !== '' && parsed.right !== '';
        return parsed.until > now && parsed.until <= now + 365 * 86_400_000;
      }),
      { seed: 2411, numRuns: 500 },
    );
  });
});
