import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { compileCondition } from '../../src/router/condition.ts';
import { limits } from '../../src/router/condition-language.ts';
import { createJudge } from '../../src/router/judge.ts';
import { Pattern } from '../../src/router/pattern.ts';
import { createRouter } from '../../src/router/router.ts';
import { noOptions } from '../../src/router/subscription-options.ts';
import { withinTime } from '../../src/router/time-limit.ts';
import { createRandom } from '../e2e/support/random.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { aCondition } from './a-condition.ts';
import { anEvent } from './an-event.ts';

const seed = 2026;
const random = createRandom(seed);
/** On this text the patterns below build a new state for nearly each letter: 380 ms for one alone, measured. */
const hostileText = Array.from({ length: 32 * 1024 }, () => random.pick(['a', 'b'])).join('');
const hostile = (n: number) => aCondition(`object.body.matches("(a[ab]{0,${70 + n}}){2}[0-9]$")`);
/** A loose limit of CPU time, ms. */
const guardMs = 5 * limits.eventMs;

describe(`the time of conditions (seed ${seed})`, () => {
  it('is limited for one, and a stopped one fails', () => {
    const began = cpuNow();
    const verdict = hostile(50).evaluate(anEvent({ body: hostileText }));
    expect(cpuNow() - began).toBeLessThan(guardMs);
    expect(verdict).toEqual({ outcome: 'failed', reason: `it took more than ${limits.evaluationMs} ms` });
  });

  it('is limited for all on one event together: failed ones count as matched, cheap ones are still right', () => {
    const where = Array.from({ length: 50 }, (_, n) => hostile(n));
    const cheap = [aCondition('object.user_reputation < 50'), aCondition('object.user_reputation > 50')];
    const spec = new Map([['posts', new Set(['create'] as const)]]);
    const subscription = { events: spec, template: null, options: noOptions };
    const router = createRouter(
      [...where, ...cheap].map((condition, n) => ({
        ...subscription,
        id: `s${n}`,
        where: condition,
        rooms: [`console:${n}`],
      })),
      createCatalogue(),
    );
    const began = cpuNow();
    const matches = router.route(anEvent({ body: hostileText, user_reputation: 1 }), null);
    expect(cpuNow() - began).toBeLessThan(guardMs);
    const failed = matches.filter(({ conditionFailed }) => conditionFailed !== null);
    expect(failed.length).toBeGreaterThan(40);
    expect(failed.at(-1)?.conditionFailed).toBe(
      `the earlier conditions on this event took more than ${limits.eventMs} ms`,
    );
    expect(matches.filter(({ conditionFailed }) => conditionFailed === null).map(({ room }) => room)).toEqual([
      'console:50',
    ]);
  });

  it('leaves the next event alone', () => {
    const condition = hostile(50);
    condition.evaluate(anEvent({ body: hostileText }));
    expect(condition.evaluate(anEvent({ body: 'abab1' }))).toEqual({ outcome: 'value', value: true });
    expect(condition.evaluate(anEvent({ body: 'xyz' }))).toEqual({ outcome: 'value', value: false });
  });

  it('is each event’s own', () => {
    const judge = createJudge(anEvent({ body: hostileText }), null);
    for (let n = 0; n < 4; n++) judge(hostile(n));
    expect(createJudge(anEvent({ body: 'abab1' }), null)(hostile(1))).toEqual({ outcome: 'value', value: true });
  });

  it('gives the same results with patterns whose states were released', () => {
    const patterns = ['(?i)\\bketo\\b', 'a.{0,9}b$', '[0-9]{3,5}x'].map((source) => new Pattern(source));
    const texts = ['buy KETO now', 'a123b', '1234x', '', 'ketosis', 'é'.repeat(50)];
    const all = () => patterns.map((pattern) => texts.map((text) => pattern.test(text)));
    const before = all();
    for (const pattern of patterns) pattern.forget();
    expect(all()).toEqual(before);
    expect(before).toEqual([
      [true, false, false, false, false, false],
      [false, true, false, false, false, false],
      [false, false, true, false, false, false],
    ]);
  });
});

describe('work with a time limit', () => {
  it('is done, rethrows its error, or is stopped', () => {
    expect(withinTime(1_000, () => 7)).toEqual({ outcome: 'done', value: 7 });
    expect(() => withinTime(1_000, () => JSON.parse('{'))).toThrow(SyntaxError);
    expect(
      withinTime(5, () => {
        for (;;);
      }),
    ).toEqual({ outcome: 'late' });
    expect(withinTime(1_000, () => 8)).toEqual({ outcome: 'done', value: 8 });
  });
});

it('the size of a condition is that of its patterns and of its other work on texts', () => {
  const sizeOf = (source: string) => {
    const compiled = compileCondition(source, [createCatalogue().model('posts')!]);
    return compiled.outcome === 'ok' ? compiled.condition.size : null;
  };
  expect(sizeOf('object.user_reputation < 50 && !object.is_fp')).toBe(0);
  expect(sizeOf('object.title.matches("keto")')).toBe(new Pattern('keto').size);
  expect(sizeOf('object.title.matches("keto") || object.title.matches("cbd")')).toBe(
    new Pattern('keto').size + new Pattern('cbd').size,
  );
});
