import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aboutSubject } from '../../src/router/subject-model.ts';
import type { EventObject, Json } from '../../src/words.ts';
import { aCondition } from './a-condition.ts';
import { anEvent } from './an-event.ts';

const row: EventObject = {
  id: 2 ** 33,
  title: 'Keto DIET 🙂',
  body: 'buy now',
  why: null,
  user_reputation: 11,
  score: null,
  is_tp: true,
  is_fp: false,
  is_naa: null,
  tags: ['spam', 'sql'],
  created_at: '2025-07-06T15:09:00.000Z',
  deleted_at: null,
  username: null,
};

/** Returns the result of a condition on a post: true, false, or the reason for its failure. */
function says(source: string, object: EventObject = row, ...models: string[]): boolean | string {
  const verdict = aCondition(source, ...models).evaluate(anEvent(object, models[0] ? { model: models[0] } : {}));
  return verdict.outcome === 'value' ? verdict.value : verdict.reason;
}

describe('a condition', () => {
  it.each([
    ['object.user_reputation < 50 && !object.is_fp', true],
    ['object.user_reputation > 11 || object.user_reputation <= 10', false],
    ['object.id == 8589934592', true],
    ['object.user_reputation / 2 == 5 && object.user_reputation % 2 == 1', true],
    ['object.user_reputation == 11.0', true],
    ['object.user_reputation > 10.5', true],
    ['double(object.user_reputation) / 2.0 == 5.5', true],
    ['object.title.lowerAscii().contains("keto diet")', true],
    ['object.title.startsWith("Keto") && object.title.endsWith("🙂")', true],
    ['size(object.title) == 11', true],
    ['object.title.substring(0, 4) == "Keto"', true],
    ['object["title"] + "!" == "Keto DIET 🙂!"', true],
    ['"spam" in object.tags && !("viagra" in object.tags)', true],
    ['object.tags[1] == "sql"', true],
    ['object.created_at > timestamp("2025-07-06T17:08:59+02:00")', true],
    ['event.received_at - object.created_at == duration("1m")', true],
    ['object.created_at.getHours() == 15 && object.created_at.getDayOfWeek() == 0', true],
    ['event.type == "create" && event.model == "posts" && event.class == "Post" && !event.backfilled', true],
    ['object.user_reputation in [1, 11]', true],
    ['object.is_tp ? object.user_reputation == 11 : object.title == ""', true],
  ])('%s is %s', (source, value) => {
    expect(says(source)).toBe(value);
  });

  it.each([
    ['object.site == "stackoverflow.com"', true],
    ['object.site == "stackoverflow"', true],
    ['object.site == "Stack Overflow"', true],
    ['"https://stackoverflow.com/questions" == object.site', true],
    ['object["site"] == "StackOverflow"', true],
    ['object.site != "stackoverflow"', false],
    ['object.site in ["math", "Stack Overflow"]', true],
    ['object.site in ["math", "superuser"]', false],
    ['!(object.site == "superuser") && (object.title == "stackoverflow" || object.site == "stackoverflow")', true],
    ['object.site.contains("overflow")', true],
    ['object.title == "stackoverflow"', false],
  ])('knows a site in each usual spelling: %s is %s', (source, value) => {
    expect(says(source, { ...row, site: 'stackoverflow.com' })).toBe(value);
  });

  it('leaves a column of that name as it is, on a server whose models are not known', () => {
    expect(says('object.site == "Stack Overflow"', { site: 'Stack Overflow' }, 'odd_things')).toBe(true);
  });

  it('knows the site of a subject in each usual spelling', () => {
    const condition = aCondition('subject.site == "Ask Ubuntu"', 'feedbacks');
    const event = anEvent({}, { model: 'feedbacks' });
    const about = aboutSubject(event, { site: 'askubuntu.com' });
    expect(condition.evaluate(event, undefined, about)).toEqual({ outcome: 'value', value: true });
  });

  it('sees how an event reached us', () => {
    const backfilled = aCondition('event.backfilled');
    expect(backfilled.evaluate(anEvent({}, { origin: 'backfilled' }))).toEqual({ outcome: 'value', value: true });
    expect(backfilled.evaluate(anEvent({}, { origin: 'live' }))).toEqual({ outcome: 'value', value: false });
  });
});

describe('null in a condition', () => {
  it.each([
    ['object.score < 5', false],
    ['object.score > 5', false],
    ['object.score <= 5 || object.score >= 5', false],
    ['5 > object.score || 5 < object.score', false],
    ['object.score < object.score', false],
    ['object.score < 1.5', false],
    ['object.username < "x"', false],
    ['object.deleted_at > timestamp("2025-01-01T00:00:00Z")', false],
    ['!(object.score < 5)', true],
    ['object.score == null', true],
    ['object.score != null', false],
    ['null == object.score', true],
    ['object.user_reputation != null && null != object.title', true],
    ['object.score == 5', false],
    ['object.score != 5', true],
    ['5 != object.score', true],
    ['object.score == 0', false],
    ['object.username == ""', false],
    ['object.username != "x"', true],
    ['object.deleted_at == null && object.created_at != null', true],
    ['object.deleted_at != object.created_at', true],
    ['object.is_naa', false],
    ['!object.is_naa', true],
    ['object.is_naa == false', true],
    ['object.is_naa || object.is_tp', true],
    ['object.is_tp && object.is_naa', false],
    ['object.username.contains("x")', false],
    ['!object.username.contains("x")', true],
    ['object.title.contains(object.username)', false],
    ['object.username.startsWith("x") || object.username.endsWith("x") || object.username.matches("x")', false],
    ['object.username.lowerAscii().trim() == "x"', false],
    ['object.username.size() == 0 && size(object.username) == 0', true],
    ['has(object.score)', true],
  ])('%s is %s', (source, value) => {
    expect(says(source)).toBe(value);
  });

  it('in a list is not found', () => {
    expect(says('"x" in object.tags', { tags: null })).toBe(false);
    expect(says('"x" in object.tags', { tags: [null, 'x'] })).toBe(true);
    expect(says('size(object.tags) == 0', { tags: null })).toBe(true);
  });

  it('is false even if it is unknown that the field is a boolean', () => {
    expect(says('object.x', { x: null }, 'odd_things')).toBe(false);
    expect(says('!object.x', { x: null }, 'odd_things')).toBe(true);
  });
});

describe('a condition that cannot be evaluated', () => {
  it.each([
    ['object.native_id == 5', 'the row has no such field: native_id'],
    ['object.score + 1 > 0', 'null + int is not possible'],
    ['object.user_reputation / 0 == 1', 'division by zero'],
    ['object.user_reputation % 0 == 1', 'modulo by zero'],
    ['object.user_reputation + 9223372036854775807 > 0', 'integer overflow: 9223372036854775818'],
    ['object.id * object.id * object.id > 0', 'integer overflow: 73786976294838206464'],
    ['object.tags[5] == "x"', 'index out of bounds, index 5 >= size 2'],
    ['object[event.type] == 1', 'the row has no such field: create'],
    ['int(object.title) == 1', 'int() type error: cannot convert to int'],
  ])('%s fails: %s', (source, reason) => {
    expect(says(source)).toBe(reason);
  });

  it.each([
    'object.native_id == 5 || object.is_tp',
    'object.is_tp || object.native_id == 5',
    'has(object.native_id) ? object.native_id == 5 : true',
    '!has(object.native_id)',
    '!(object.native_id == 5 && object.is_fp)',
  ])('%s does not fail, because it does not matter', (source) => {
    expect(says(source)).toBe(true);
  });

  it('fails if a row has a value of another type', () => {
    expect(says('object.user_reputation < 5', { user_reputation: 'many' })).toBe('string < int is not possible');
    expect(says('object.created_at < event.received_at', { created_at: 'soon' })).toMatch(/is not possible$/);
    expect(says('object.is_tp', { is_tp: 'yes' })).toBe('its result was a string, not true or false');
    expect(says('object.user_reputation < 5', { user_reputation: [] })).toMatch(/is not possible$/);
  });

  it('gives the reason in a short line that quotes nothing of the row', () => {
    expect(says('bool(object.title)', { title: 'x'.repeat(1_000_000) })).toBe(
      'bool() conversion error: invalid string value',
    );
    expect(says('duration(object.title) < duration("1h")', { title: '\nx' })).toBe('invalid duration string');
  });
});

describe('a row', () => {
  it('may give numbers as text, as GraphQL does', () => {
    expect(says('object.id == 5 && object.user_reputation > 9', { id: '5', user_reputation: '10' })).toBe(true);
  });

  it('may have columns of any name', () => {
    const odd: EventObject = JSON.parse('{"__proto__":{"a":1},"constructor":5,"x":{"constructor":{"y":2}}}');
    expect(says('object.constructor == 5', odd, 'ref')).toBe(true);
    expect(says('object["__proto__"].a == 1', odd, 'ref')).toBe(true);
    expect(says('object.x.constructor.y + 1 == 3', odd, 'ref')).toBe(true);
    expect(says('has(object.toString)', odd, 'ref')).toBe(false);
  });

  it('of a model whose fields are unknown has its numbers unchanged', () => {
    const object = { n: 5, d: 1.5, deep: { list: [{ n: 7 }] } };
    expect(says('object.n + 1 == 6 && object.d > 1.0 && object.deep.list[0].n in [7]', object, 'odd_things')).toBe(
      true,
    );
  });

  it('is converted by the types of its own model if a condition is for several', () => {
    const condition = aCondition(
      'event.model == "feedbacks" ? object.is_invalidated : object.is_tp',
      'posts',
      'feedbacks',
    );
    const value = (model: string, object: EventObject) => condition.evaluate(anEvent(object, { model }));
    expect(value('feedbacks', { is_invalidated: null })).toEqual({ outcome: 'value', value: false });
    expect(value('posts', { is_tp: true })).toEqual({ outcome: 'value', value: true });
  });

  it('never makes a condition throw', () => {
    const json = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<Json>(null, true, 0, -1, 1e300, '', 'a', '2025-07-06T15:09:00Z'),
    ) as fc.Arbitrary<Json>;
    const rows = fc.oneof(
      fc.dictionary(fc.constantFrom(...Object.keys(row)), json),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'then')), json),
    );
    const conditions = [
      'object.user_reputation < 50 && !object.is_fp && object.score * 2 - 1 > object.user_reputation / object.score',
      'object.title.matches("(?i)\\\\bketo\\\\b") || object.title.lowerAscii().contains(object.body) || object.username != null',
      '"x" in object.tags ? object.tags[0] == object.title : object.created_at - event.received_at < duration("1h")',
      'object.tags == null || object.is_tp == object.is_naa || object.why + object.body == object.username',
      'object.title.substring(object.score, object.id) == string(object.user_reputation) || int(object.title) == object.id',
      'object.created_at.getHours() == 3 || object.deleted_at > object.created_at || -object.id < object.score',
      'timestamp(object.title) == timestamp(object.id) || bool(object.body) || double(object.body) > 1.0',
    ].map((source) => aCondition(source));
    conditions.push(
      ...[
        'object.a.b[0].c == object["x"]',
        '!object.a',
        'object.a && object.b',
        'object.a + object.b == object.a',
        'object.a in object.b',
        'object.a',
      ].map((source) => aCondition(source, 'ref')),
    );
    const open = fc.dictionary(fc.constantFrom('a', 'b', 'x'), json);
    fc.assert(
      fc.property(fc.oneof(rows, open), fc.constantFrom('posts', 'ref', 'nothing'), (object, model) => {
        for (const condition of conditions) {
          const verdict = condition.evaluate(anEvent(object, { model }));
          expect(verdict.outcome === 'value' ? typeof verdict.value : typeof verdict.reason).toMatch(/boolean|string/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
