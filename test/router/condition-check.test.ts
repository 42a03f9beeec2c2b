import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/router/condition.ts';
import type { ConditionModel } from '../../src/router/condition-row.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { modelsOf, problemsOf } from './a-condition.ts';

describe('checking a condition', () => {
  it.each([
    'object.user_reputation < 50 && !object.is_fp',
    'object.is_tp',
    'object["title"].contains("x")',
    'object.deleted_at == null || null != object.title',
    '"x" in object.tags && object.tags != null && object.tags[0] == "y" && size(object.tags) < 5',
    'event.received_at - object.created_at > duration("1h30m")',
    'object.created_at > timestamp("2025-07-06T15:09:00+02:00")',
    'event.type == "create" && event.model == "posts" && event.class == "Post" && !event.backfilled',
    'object.title.matches("(?i)\\\\bketo\\\\b") || object.title.matches(r"\\d+")',
    'object.site_id in [1, 2, 3]',
    'has(object.native_id) ? object.native_id > 5 : false',
    'object.score * 2 - 1 > object.upvote_count % 3 || double(object.score) / 2.0 > 1.5',
    'object.username.lowerAscii().trim().startsWith("a") && object.username.size() > 3',
    'object.created_at.getHours() >= 22',
    'object.title == "a" // because',
    'subject.weight > 200 && object.is_fp && !subject.deleted',
    'true',
  ])('accepts %s', (source) => {
    expect(problemsOf(source)).toEqual([]);
  });

  it.each([
    [
      'object.user_reputaton < 50',
      '«user_reputaton» unknown field "user_reputaton" of posts: did you mean user_reputation?',
    ],
    ['object["titel"] == ""', '«"titel"» unknown field "titel" of posts: did you mean title?'],
    ['has(object.titel)', '«titel» unknown field "titel" of posts: did you mean title?'],
    ['subject.wieght > 1', '«wieght» unknown field "wieght" of subject: did you mean weight?'],
    [
      'subject.fp == "x"',
      '«subject.fp == "x"» int == string is not possible: compare values of one type; int(x), double(x) and string(x) convert',
    ],
    ['title == "x"', '«title» unknown name "title": did you mean object.title?'],
    ['post.title == "x"', '«post» unknown name "post": did you mean object?'],
    ['objekt.title == "x"', '«objekt» unknown name "objekt": did you mean object?'],
    ['cel == 1', '«cel» unknown name "cel": names are object, event and subject'],
    ['1 == int', '«int» unknown name "int": names are object, event and subject'],
    ['event.typ == "x"', '«typ» unknown field "typ" of event: did you mean type?'],
    [
      'object.title == 5',
      '«object.title == 5» string == int is not possible: compare values of one type; int(x), double(x) and string(x) convert',
    ],
    [
      'object.is_tp == null',
      '«object.is_tp == null» bool == null is not possible: a boolean that is null counts as false: write !object.x',
    ],
    ['object.score < null', '«object.score < null» int < null is not possible: only == and != can compare with null'],
    ['object.title', '«object.title» its result is string, not true or false: compare it with something'],
    [
      'object.created_at > "2025"',
      '«object.created_at > "2025"» timestamp > string is not possible: write timestamp("2025-07-06T15:09:00Z")',
    ],
    [
      'object.created_at > timestamp("2025-07-06")',
      '«"2025-07-06"» "2025-07-06" is not a time: for example timestamp("2025-07-06T15:09:00Z")',
    ],
    [
      'duration("5 minutes") < duration("1h")',
      '«"5 minutes"» "5 minutes" is not a duration: for example duration("1h30m")',
    ],
    ['"x" in object.title', '«"x" in object.title» string in string is not possible: write object.title.contains("…")'],
    [
      'object.tags.contains("x")',
      '«object.tags.contains("x")» found no matching overload for \'list.contains(string)\': write "…" in object.tags',
    ],
    ['object.title.contain("x")', '«contain» unknown method "contain": did you mean contains?'],
    ['contains(object.title, "x")', '«contains» unknown function "contains": did you mean object.x.contains(…)?'],
    ['object.title.int() == 1', '«int» unknown method "int": did you mean int(…)?'],
    ['object.created_at.getHours("UTC") > 3', '«getHours» getHours does not take 1 argument: it takes none'],
    ['object.title = "x"', '«=» "=" is not CEL: write =='],
    ['object.is_tp and object.is_fp', '«and» "and" is not CEL: write &&'],
    ['not object.is_tp', '«not» "not" is not CEL: write !'],
    ['object.title == "x', '«"x» unterminated string: close the text with the quote that opened it'],
    ['(object.is_tp', '«» expected ")", got the end: for example object.user_reputation < 50 && !object.is_fp'],
    ['object.is_tp)', '«)» unexpected ")": operators are && || ! == != < <= > >= in + - * / %'],
    ['9223372036854775809 > object.id', '«9223372036854775809» the number is too large: at most 9223372036854775807'],
    [
      'event == "create"',
      '«event == "create"» event == string is not possible: name one of its fields, as in event.type',
    ],
    ['  ', '«  » the condition is empty: leave "where" out'],
  ])('%s: %s', (source, problem) => {
    expect(problemsOf(source)).toEqual([problem]);
  });

  it.each([
    ['site == "x"', 'object.site'],
    ['object.domain == "x"', 'site'],
    ['object.site_name == "x"', 'site'],
    ['object.user == "x"', 'username'],
    ['object.user_name == "x"', 'username'],
    ['rep < 5', 'object.user_reputation'],
    ['object.reputation < 5', 'user_reputation'],
    ['object.reasons.contains("x")', 'why'],
    ['object.weight > 2', 'subject.weight'],
    ['tp > 2', 'subject.tp'],
    ['object.is_deleted', 'subject.deleted'],
    ['object.flags > 1', 'subject.flags'],
    ['model == "posts"', 'event.model'],
    ['type == "create"', 'event.type'],
    ['event.site == "x"', 'object.site'],
    ['subject.is_tp', 'tp'],
    ['subject.reasons == ""', 'object.why'],
    ['object.site == "x"', 'subject.site', 'feedbacks'],
    ['site == "x"', 'subject.site', 'flag_logs'],
    ['post.title == "x"', 'subject', 'feedbacks'],
    ['object.post.title == "x"', 'subject', 'feedbacks'],
    ['type == "tp"', 'object.feedback_type', 'feedbacks'],
    ['object.autoflag', 'is_auto', 'flag_logs'],
  ])('knows what is meant by %s: %s', (source, meant, ...models) => {
    expect(problemsOf(source, ...models)[0]).toMatch(new RegExp(`: did you mean ${meant}\\?$`));
  });

  it.each(['object.weight > 1', 'weight > 1'])(
    'suggests no state of a post for %s on events that lead to none',
    (source) => {
      expect(problemsOf(source, 'statistics')[0]).not.toContain('subject.weight');
    },
  );

  it.each([
    ['object.title.matches(object.body)', '«object.body» a pattern must be a text in quotes'],
    ['object.title.matches("a" + "b")', '«"a" + "b"» a pattern must be a text in quotes'],
    [
      'object.title.matches("(?=x)")',
      '«"(?=x)"» the pattern cannot be read: invalid or unsupported Perl syntax: `(?=`',
    ],
    ['object.title.matches("(a)\\\\1")', '«"(a)\\\\1"» the pattern cannot be read: invalid escape sequence'],
    ['object.title.matches("[")', '«"["» the pattern cannot be read: missing closing ]'],
    ['object.title.matches("(a{1000}){1000}")', '«"(a{1000}){1000}"» the pattern cannot be read: invalid repeat count'],
    [
      'object.title.matches("(?i)(\\\\w{1,200}){1,5}q")',
      '«"(?i)(\\\\w{1,200}){1,5}q"» the patterns are too large (2012',
    ],
  ])('of patterns %s', (source, problem) => {
    expect(problemsOf(source)[0]!.startsWith(problem), problemsOf(source)[0]).toBe(true);
  });

  it('limits the patterns of one condition together', () => {
    const one = 'object.title.matches("(?:abcdefghij){20}")';
    expect(problemsOf(one)).toEqual([]);
    expect(problemsOf(`${one} || ${one} || ${one}`)[0]).toContain('too large');
  });

  it.each([
    'object.tags.all(t, t == "x")',
    'object.tags.exists(t, t == "x")',
    'object.tags.exists_one(t, t == "x")',
    'object.tags.map(t, t + "x") == []',
    'object.tags.map(t, t == "y", t + "x") == []',
    'object.tags.filter(t, t == "x") == []',
    'cel.bind(a, object.title, a + a == "b")',
    '[1, 2].all(x, [1, 2].all(y, x > y))',
  ])('allows no loops: %s', (source) => {
    expect(problemsOf(source).join()).toMatch(/is not allowed: conditions have no loops/);
  });

  it.each([
    'object.body.split("") == []',
    'object.tags.join("x") == ""',
    'bytes(object.body).hex() == ""',
    'b"{}".json() == {}',
    'type(object.id) == int',
    'dyn(object.id) == 1',
    'object.created_at.getDayOfYear() == 1',
    'optional.of(1).hasValue()',
    'google.protobuf.Timestamp == 1',
    '__proto__ == 1',
    'object.__proto__ == 1',
    'object.constructor == 1',
    'constructor == 1',
    'object.title.toString() == ""',
  ])('allows no functions outside of its list: %s', (source) => {
    expect(problemsOf(source)).not.toEqual([]);
  });

  it('reports all problems at once, in order', () => {
    expect(
      problemsOf('object.titel == "x" && objekt.id == 1 && object.tags.all(t, u)').map((p) => p.split('»')[0]),
    ).toEqual(['«titel', '«objekt', '«all']);
  });

  it('counts places in UTF-16 units, over several lines', () => {
    const source = '// 🙂 comment\nobject.title == "🙂" &&\n  object.titel == ""';
    expect(problemsOf(source)[0]).toMatch(/^«titel» /);
  });

  it('knows the fields of all models subscribed to, and names private ones', () => {
    expect(problemsOf('object.feedback_type == "tp"')).toHaveLength(1);
    expect(problemsOf('object.feedback_type == "tp" && object.title == ""', 'posts', 'feedbacks')).toEqual([]);
    expect(problemsOf('object.nothing == 1', 'posts', 'feedbacks')[0]).toContain('of posts, feedbacks');
    expect(problemsOf('object.eu_resident', 'users')).toEqual([
      '«eu_resident» eu_resident is private and is dropped before conditions run: leave it out',
    ]);
  });

  it('accepts any type for a field whose type differs between the models', () => {
    const one: ConditionModel = { name: 'a', class: 'A', singular: 'a', fields: { x: 'integer' } };
    const other: ConditionModel = { ...one, name: 'b', fields: { x: 'string' } };
    expect(compileCondition('object.x == 1', [one]).outcome).toBe('ok');
    expect(compileCondition('object.x == 1', [other]).outcome).toBe('problems');
    expect(compileCondition('object.x == 1 || object.x == "1"', [one, other]).outcome).toBe('ok');
  });

  it('accepts any field of a model whose fields are unknown', () => {
    expect(problemsOf('object.anything.at.all == 5', 'odd_things')).toEqual([]);
    expect(problemsOf('object.anything == 5', 'posts', 'odd_things')).toEqual([]);
    expect(problemsOf('object.deployment.id == 5', 'ref')).toEqual([]);
  });

  it.each([
    ['long', `object.title == "${'x'.repeat(5000)}"`],
    ['full of "!"', `${'!'.repeat(4000)}true`],
    ['full of "("', `${'('.repeat(2000)}true${')'.repeat(2000)}`],
    ['full of "["', `${'['.repeat(2000)}${']'.repeat(2000)} == []`],
    ['full of "-"', `${'-'.repeat(4000)}1 == 1`],
    ['full of "."', `object${'.a'.repeat(2000)}`],
    ['full of "?"', `${'true?'.repeat(800)}true`],
    ['joined 300 times', `true${' || true'.repeat(300)}`],
    ['a list of 600', `object.id in [${'1,'.repeat(600)}]`],
  ])('rejects %s, quickly', (_, source) => {
    const start = cpuNow();
    expect(problemsOf(source, 'ref')).toHaveLength(1);
    expect(cpuNow() - start).toBeLessThan(500);
  });

  it('accepts 200 terms and a list of 500', () => {
    expect(problemsOf(`false${' || object.is_tp'.repeat(200)}`)).toEqual([]);
    expect(problemsOf(`object.id in [${'1,'.repeat(499)}1]`)).toEqual([]);
  });

  it('never throws, and points into its text', () => {
    const words = fc.constantFrom(
      ...'object event . ( ) [ ] { } " \' , : ? ! && || == < in + - * / title score is_tp tags null true 1 2.5 "x" .matches("a") .contains( size( has( r"\\d" \\u0000 \n 5u b"x"'.split(
        ' ',
      ),
    );
    const source = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(source, fc.constantFrom('posts', 'ref'), (text, model) => {
        const compiled = compileCondition(text, modelsOf(model));
        if (compiled.outcome === 'ok') return;
        expect(compiled.problems.length).toBeGreaterThan(0);
        for (const { offset, length } of compiled.problems) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
