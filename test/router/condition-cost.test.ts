import { describe, expect, it } from 'vitest';
import type { EventObject } from '../../src/words.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { aCondition } from './a-condition.ts';
import { anEvent } from './an-event.ts';

/** CPU time, ms: many times the limit of a condition, but far below the minutes that each of these would take without limits. */
const boundMs = 1_000;

function timed(source: string, object: EventObject, ...models: string[]) {
  const condition = aCondition(source, ...models);
  const start = cpuNow();
  const verdict = condition.evaluate(anEvent(object, models[0] ? { model: models[0] } : {}));
  expect(cpuNow() - start).toBeLessThan(boundMs);
  return verdict;
}

const yes = { outcome: 'value', value: true };
const no = { outcome: 'value', value: false };
const tooLong = { outcome: 'failed', reason: expect.stringContaining('too long') };

describe('the cost of a condition', () => {
  it.each([
    '(a+)+$',
    '(a|aa)+$',
    '(.*)*x',
    '(?:a?){100}a{100}b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(?:a|b)*a(?:a|b){400}[cd]',
  ])('is small for the pattern %s on 300 kB', (pattern) => {
    timed(`object.body.matches(r"${pattern}") || true`, { body: `${'a'.repeat(300_000)}!` });
  });

  it('is small for the worst known pattern of RE2’s own engine', () => {
    const text = Array.from(
      { length: 300_000 },
      (_, i) => 'abXy é中ж1qx0 '[(Math.imul(i, 2654435761) >>> 15) % 13]!,
    ).join('');
    timed(r('object.body.matches("\\b(?:\\w.{0,100}\\W){1,2}[0-9]\\z") || true'), { body: text });
  });

  it('of a pattern is that of the first 32 kB: the rest is not searched', () => {
    const matches = 'object.body.matches("needle")';
    expect(timed(matches, { body: `${'x'.repeat(32_000)}needle` })).toEqual(yes);
    expect(timed(matches, { body: `${'x'.repeat(33_000)}needle` })).toEqual(no);
    expect(timed('object.body.contains("needle")', { body: `${'x'.repeat(33_000)}needle` })).toEqual(yes);
  });

  // The limit of an evaluation is of real time, which a busy machine gives to others.
  it('is small for a text of megabytes', { retry: 3 }, () => {
    const body = 'x'.repeat(4 * 1024 * 1024);
    expect(timed('object.body.contains("needle")', { body })).toEqual(no);
    expect(timed('object.user_reputation < 5', { body, user_reputation: 1 })).toEqual(yes);
  });

  it('does not grow with texts that are joined again and again', () => {
    const join = (column: string, times: number) =>
      `(${Array.from({ length: times }, () => `object.${column}`).join(' + ')})`;
    const body = 'x'.repeat(16 * 1024 * 1024);
    expect(timed(`${join('body', 30)} == ${join('why', 30)}`, { body, why: body })).toEqual(tooLong);
    expect(timed(`${join('body', 200)}.contains("needle")`, { body })).toEqual(tooLong);
    expect(timed(`${join('body', 30)}.contains("needle")`, { body: 'x'.repeat(30_000) })).toEqual(no);
  });

  it('does not grow with texts that are changed again and again', () => {
    const changed = (times: number) => `object.body${'.lowerAscii().upperAscii()'.repeat(times)}`;
    expect(timed(`${changed(100)} == "x"`, { body: 'x'.repeat(16 * 1024 * 1024) })).toEqual(tooLong);
    expect(timed(`${changed(100)} == "X"`, { body: 'x' })).toEqual(yes);
    expect(timed(`${changed(10)} == "X"`, { body: 'x'.repeat(100_000) })).toEqual(no);
  });

  it('does not grow with lists that are joined and compared', () => {
    const list = Array.from({ length: 90_000 }, (_, i) => i);
    const joined = Array.from({ length: 200 }, () => 'object.list').join(' + ');
    expect(timed(`5000000 in (${joined})`, { list }, 'ref')).toEqual(tooLong);
    expect(timed('5000000 in object.list', { list }, 'ref')).toEqual(no);
    const long = Array.from({ length: 2_000_000 }, (_, i) => i);
    const tooMany = { outcome: 'failed', reason: 'the row has more than 100000 values' };
    expect(timed('5000000 in object.list', { list: long }, 'ref')).toEqual(tooMany);
  });

  it('does not grow with nesting in the row', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`);
    expect(timed('object == object', deep, 'ref')).toEqual(yes);
    const overflowing = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(timed('object.x == 1', { x: overflowing }, 'ref').outcome).toBe('failed');
  });
});

/** Returns a condition with its backslashes doubled, as CEL requires in a text. */
function r(source: string): string {
  return source.replaceAll('\\', '\\\\');
}
