import { describe, expect, it } from 'vitest';
import { good, read } from './config-files.ts';

const byDefault = { lingeringAfterMs: 600_000, lostAfterMs: 120_000, quotaBelow: 1_000 };

describe('derived', () => {
  it.each([
    ['', byDefault],
    ['derived:', byDefault],
    [
      'derived: { lingering_after: 30m, lost_after: 10s, quota_below: 50 }',
      { lingeringAfterMs: 1_800_000, lostAfterMs: 10_000, quotaBelow: 50 },
    ],
  ])('may be "%s"', (line, expected) => {
    const { config, said } = read(`${good}${line}\n`);
    expect(said).toEqual([]);
    expect(config?.derived).toEqual(expected);
  });

  it.each([
    ['derived: { lingering_after: 0s }', '8:29: 0s is too little'],
    ['derived: { lost_after: soon }', '8:24: "soon" is'],
    ['derived: { quota_below: 0 }', '8:25: 0 is out of bounds: write a number from 1 to 1000000'],
    ['derived: { lost: 2m }', '8:12: unknown key "lost": did you mean "lost_after"?'],
  ])('may not be "%s"', (line, message) => {
    const { config, said } = read(`${good}${line}\n`);
    expect(config).toBeNull();
    expect(said.join('\n')).toContain(message);
  });

  it('events are subscriptions, and lines of the order of what goes first', () => {
    const { config, said } = read(
      `${good.replace(/events: \S+/, 'events: posts#deleted,lingering;source')}priority: [posts#lingering, "posts#deletd"]\n`,
    );
    expect([config, said.join('\n')]).toEqual([null, expect.stringContaining('did you mean posts#deleted?')]);
  });
});
