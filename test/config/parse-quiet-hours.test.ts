import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDays, formatHours, parseDays, parseHours } from '../../src/config/parse-quiet-hours.ts';
import { weekdays } from '../../src/time/quiet-hours.ts';

describe('weekdays', () => {
  it.each([
    ['mon', 'mon'],
    ['Monday', 'mon'],
    ['mon-fri', 'mon-fri'],
    ['mon – fri', 'mon-fri'],
    ['sat,sun', 'sat,sun'],
    ['sun sat', 'sat,sun'],
    ['fri-mon', 'fri-mon'],
    ['sun,mon,tue', 'sun-tue'],
    ['mon,wed-fri', 'mon,wed-fri'],
    ['tue-mon', 'mon-sun'],
  ])('%s are read', (text, formatted) => {
    const parsed = parseDays(text);
    expect(parsed.outcome === 'days' && formatDays(parsed.days)).toBe(formatted);
  });

  it('are formatted as they are read, whichever they are', () => {
    fc.assert(
      fc.property(fc.subarray([...weekdays], { minLength: 1 }), (days) => {
        expect(parseDays(formatDays(days))).toEqual({ outcome: 'days', days });
      }),
      { seed: 2911 },
    );
  });

  it.each([
    ['mon,thursdy', 4, '"thursdy" is not a weekday: did you mean thursday?'],
    ['mon-', 0, '"mon-" is not a range of weekdays: write days as mon-fri, or sat,sun'],
    ['mon--fri', 0, '"mon--fri" is not a range of weekdays: write days as mon-fri, or sat,sun'],
    [' , ', 0, 'no weekday is named: write days as mon-fri, or sat,sun'],
  ])('%j are a problem', (text, offset, message) => {
    const parsed = parseDays(text);
    if (parsed.outcome !== 'problem') throw new Error('they were read');
    expect(parsed.problem.offset).toBe(offset);
    expect(`${parsed.problem.wrong}: ${parsed.problem.right}`).toBe(message);
  });
});

describe('hours', () => {
  it('are formatted as they are read', () => {
    for (const text of ['22:00-07:00', '00:05-24:00']) {
      const parsed = parseHours(text);
      expect(parsed.outcome === 'hours' && formatHours(parsed.hours)).toBe(text);
    }
  });
});
