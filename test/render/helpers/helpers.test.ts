import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { helpers } from '../../../src/render/helpers/all.ts';
import type { EventObject, Json } from '../../../src/words.ts';
import { cpuNow } from '../../support/cpu-time.ts';
import { runs } from '../hostile.ts';
import { eventOf, fill, now, render, template, text } from '../support.ts';

/** Returns the result of `{{name arguments}}` with columns `x` and `y`. */
const shows = (call: string, object: EventObject = {}) => text(`{{${call}}}`, object);
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('an optional argument', () => {
  const many = Array.from({ length: 30 }, (_, index) => `word${index} and`);
  const values: EventObject = {
    text: many.join(' '),
    lines: many.join('\n'),
    list: many,
    row: { a: 1, b: 2, c: 3, d: 4, e: 5 },
    count: 1.23456,
  };

  it.each([
    ['truncate object.text', 'characters', null],
    ['lines object.lines', 'lines', null],
    ['summary object.row', 'columns', null],
    ['number object.count', 'decimals', null],
    ['join object.list', 'separator', '", "'],
    ['wrap object.count "about "', 'after', '""'],
    ['plural object.count "word"', 'word for many', '"words"'],
    ['json object.row', 'spaces', '0'],
  ])('of %s has the default that the reference page says', (call, argument, literal) => {
    const said = helpers[call.split(' ')[0] ?? '']?.defaults?.[argument];
    expect(said).toBeDefined();
    expect(shows(call, values)).toBe(shows(`${call} ${literal ?? said}`, values));
  });
});

describe('lookup', () => {
  it('finds an item of a list by its number', () => {
    expect(shows('lookup object.list 1', { list: ['a', 'b'] })).toBe('b');
  });

  it('finds a field by a computed name, and nothing by what is no name', () => {
    const object = { row: { 7: 'a', b: 'c' }, id: 7, list: ['b'], strange: { toString: null } };
    expect(shows('lookup object.row object.id', object)).toBe('a');
    expect(shows('lookup object.row "b"', object)).toBe('c');
    for (const name of ['object.list', 'object.strange', 'object.none', 'object.row'])
      expect(shows(`lookup object.row ${name}`, object)).toBe('');
    expect(shows('lookup object.none "a"', object)).toBe('');
  });
});

describe('html_text', () => {
  it('is the text, with the line breaks and the links of the page', () => {
    const html =
      '<h2>Down</h2><p>On <b>Sunday</b>&nbsp;&amp; later.<br>See <a href="https://a.example">why</a>.</p><ul><li>a\n b<li>c</ul>';
    expect(shows('lines (html_text object.x)', { x: html })).toBe(
      'Down\nOn Sunday & later.\nSee why (https://a.example).\n• a b\n• c',
    );
    expect(shows('html_text object.x', { x: '<a href="//a.example/">//a.example/</a>' })).toBe('//a.example/');
    expect(shows('html_text object.x', { x: '<img src=x onerror=alert(1) alt="a cat">' })).toBe('a cat');
  });

  it('keeps the line breaks of a text without tags', () => {
    expect(shows('lines (html_text object.x)', { x: 'a < b\nc &lt; d' })).toBe('a < b\nc < d');
  });

  it('is nothing for nothing, and for what readers do not see', () => {
    expect(shows('html_text object.x', { x: null })).toBe('');
    expect(shows('html_text object.x', { x: '<!-- a --><script>b()</script><style>c{}</style><script>d' })).toBe('');
    expect(shows('html_text object.x', { x: '<script>a</style></script>b' })).toBe('b');
  });

  it('leaves hostile HTML text without markup', () => {
    const x = '**a** <a href="javascript:alert(1)">b</a> &#60;script&#62; <p title="&gt;">||c||</p> &#x202e;d';
    expect(shows('lines (html_text object.x)', { x })).toBe('**a** b <script>\n||c||\n⟦U+202E⟧d');
  });

  it('takes little time for any HTML', () => {
    const start = cpuNow();
    const hostileHtml = ['<a href=//x>', '<', '<a ', '<p>', '<script>', '</a', '&', '<!--', '<![CDATA[', '<b a=1 '];
    for (const part of hostileHtml) shows('html_text object.x', { x: part.repeat(60_000 / part.length) });
    expect(cpuNow() - start).toBeLessThan(3_000);
  });
});

describe('truncate', () => {
  it('leaves a short text unchanged', () => {
    expect(shows('truncate object.x 5', { x: 'hello' })).toBe('hello');
    expect(shows('truncate object.x', { x: 'a'.repeat(100) })).toBe('a'.repeat(100));
  });

  it('cuts after a word, with "…", within the limit', () => {
    expect(shows('truncate object.x 12', { x: 'hello wide world' })).toBe('hello wide…');
    expect(shows('truncate object.x 11', { x: 'hello wide world' })).toBe('hello wide…');
    expect(shows('truncate object.x 10', { x: 'hello wide world' })).toBe('hello…');
  });

  it('cuts a word if otherwise too little would be left', () => {
    expect(shows('truncate object.x 10', { x: 'abcdefghijklmnop' })).toBe('abcdefghi…');
    expect(shows('truncate object.x 10', { x: 'ab cdefghijklmnop' })).toBe('ab cdefgh…');
  });

  it('counts characters as people do and splits none', () => {
    expect(shows('truncate object.x 3', { x: '👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀' })).toBe('👩🏽‍🚀👩🏽‍🚀…');
    expect(shows('truncate object.x 4', { x: 'e\u0301e\u0301e\u0301e\u0301' })).toBe('e\u0301e\u0301e\u0301e\u0301');
  });

  it('counts hidden characters in their shown form', () => {
    expect(shows('truncate object.x 12', { x: '\u202e\u202e\u202e' })).toBe('⟦U+202E⟧⟦U+…');
  });

  it('takes little time for a long text', () => {
    const start = cpuNow();
    for (let i = 0; i < 100; i++) shows('truncate object.x 100', { x: 'é\u202e '.repeat(20_000) });
    expect(cpuNow() - start).toBeLessThan(2_000);
  });

  it('shows nothing for nothing, a number as text, and accepts any limit', () => {
    expect(shows('truncate object.x 5', { x: null })).toBe('');
    expect(shows('truncate object.x 3', { x: 12_345 })).toBe('12…');
    expect(shows('truncate object.x object.y', { x: 'hello', y: 'no number' })).toBe('hello');
    expect(shows('truncate object.x object.y', { x: 'hello', y: 0 })).toBe('');
    expect(shows('truncate object.x 1', { x: 'hello' })).toBe('…');
  });
});

describe('first_line', () => {
  it.each([
    ['one\ntwo', 'one'],
    ['\n  \n one \r\ntwo', 'one'],
    ['one\u2028two', 'one'],
    ['\u0085\u0085one', 'one'],
    ['one', 'one'],
    ['', ''],
    [null, ''],
    [5, '5'],
  ])('of %j is %j', (x, line) => {
    expect(shows('first_line object.x', { x })).toBe(line);
  });
});

describe('default', () => {
  it.each([
    [null, 'b'],
    ['', 'b'],
    [' \n', 'b'],
    [[], 'b'],
    ['a', 'a'],
    [0, '0'],
    [false, 'false'],
  ])('for %j is %j', (x, shown) => {
    expect(shows('default object.x "b"', { x })).toBe(shown);
  });

  it('counts a text of hidden characters as text', () => {
    expect(shows('default object.x "b"', { x: '\ufeff' })).toBe('⟦U+FEFF⟧');
  });
});

describe('join', () => {
  it.each([
    [['a', null, 'b', ''], 'a, b'],
    ['a', 'a'],
    [null, ''],
    [[['a', 'b'], 1], 'a, b, 1'],
    [{ a: 1 }, '{"a":1}'],
  ])('of %j is %j', (x, shown) => {
    expect(shows('join object.x', { x } as EventObject)).toBe(shown);
  });

  it('accepts a separator', () => {
    expect(shows('join object.x " | "', { x: ['a', 'b'] })).toBe('a | b');
  });
});

describe('host', () => {
  it.each([
    ['//stackoverflow.com/a/1', 'stackoverflow.com'],
    ['https://www.example.org:81/a?b', 'example.org'],
    ['//stackoverflow.com@evil.example/q/1', 'evil.example'],
    ['no url', ''],
    [null, ''],
    [7, ''],
  ])('of %j is %j', (x, host) => {
    expect(shows('host object.x', { x })).toBe(host);
  });
});

describe('summary', () => {
  it('shows the first informative columns', () => {
    const row = { id: 1, user_id: 2, name: 'a', empty: null, is_b: false, nested: { c: 1 }, c: 3, d: 4, e: 5 };
    expect(shows('summary object', row)).toBe('name: a · is_b: false · c: 3 · d: 4');
    expect(shows('summary object 1', row)).toBe('name: a');
  });

  it('shows anything else as text', () => {
    expect(shows('summary object.x', { x: 'a' })).toBe('a');
    expect(shows('summary object.x', {})).toBe('');
    expect(shows('summary object.x', { x: [1, 2] })).toBe('1, 2');
  });
});

describe('json', () => {
  it('shows any value as JSON', () => {
    expect(shows('json object', { b: [1, null, '**'], a: true })).toBe('{"b":[1,null,"**"],"a":true}');
    expect(shows('json object.x', {})).toBe('null');
    expect(text('```\n{{json object 2}}\n```', { a: 1 })).toBe('```\n{\n  "a": 1\n}\n```');
  });
});

describe('number', () => {
  it.each([
    [0, '0'],
    [1_234_567, '1,234,567'],
    [-1234.567, '-1,234.57'],
    ['98765', '98,765'],
    [9_000_000_000, '9,000,000,000'],
    ['twelve', 'twelve'],
    [null, ''],
    [true, 'true'],
  ])('of %j is %j', (x, shown) => {
    expect(shows('number object.x', { x })).toBe(shown);
  });

  it('accepts the number of decimals', () => {
    expect(shows('number object.x 0', { x: 2.6 })).toBe('3');
    expect(shows('number object.x 99', { x: 0.125 })).toBe('0.125');
  });
});

describe('plural', () => {
  it.each([
    [0, '0 flags'],
    [1, '1 flag'],
    [1200, '1,200 flags'],
    ['2', '2 flags'],
    [null, ''],
    ['many', ''],
  ])('of %j is %j', (x, shown) => {
    expect(shows('plural object.x "flag"', { x })).toBe(shown);
  });

  it('accepts the plural', () => {
    expect(shows('plural object.x "reply" "replies"', { x: 3 })).toBe('3 replies');
  });
});

describe('ago', () => {
  it.each([
    [0, 'just now'],
    [4, 'just now'],
    [45, '45 s ago'],
    [60, '1 min ago'],
    [3 * 60 + 59, '3 min ago'],
    [2 * 3600, '2 h ago'],
    [86_400, '1 day ago'],
    [29 * 86_400, '29 days ago'],
    [30 * 86_400, '2025-12-03'],
    [-120, 'in 2 min'],
  ])('of %d seconds is %j', (seconds, shown) => {
    expect(shows('ago object.x', { x: ago(seconds) })).toBe(shown);
  });

  it('accepts Unix times, in seconds and milliseconds', () => {
    expect(shows('ago object.x', { x: now / 1000 - 60 })).toBe('1 min ago');
    expect(shows('ago object.x', { x: now - 60_000 })).toBe('1 min ago');
  });

  it.each([
    [null, ''],
    ['yesterday', 'yesterday'],
    ['9999-99-99T00:00:00Z', '9999-99-99T00:00:00Z'],
    [9e300, '9e+300'],
    [{}, '{}'],
  ])('leaves an invalid time unchanged: %j', (x, shown) => {
    expect(shows('ago object.x', { x } as EventObject)).toBe(shown);
  });
});

describe('date', () => {
  it("is in the room's time zone, summer time included", () => {
    expect(shows('date object.x', { x: '2025-07-06T15:09:00.000Z' })).toBe('2025-07-06 17:09');
    expect(shows('date object.x', { x: '2025-12-31T23:30:00.000Z' })).toBe('2026-01-01 00:30');
  });

  it('accepts a form, and uses the default for an unknown one', () => {
    const x = '2025-07-06T15:09:00.000Z';
    expect(shows('date object.x "day"', { x })).toBe('2025-07-06');
    expect(shows('date object.x "time"', { x })).toBe('17:09');
    expect(shows('date object.x "zone"', { x })).toMatch(/^2025-07-06 17:09 (?:CEST|GMT\+2)$/);
    expect(shows('date object.x object.form', { x, form: 'constructor' })).toBe('2025-07-06 17:09');
  });

  it('reads a time without a zone as UTC, and with a zone in that one', () => {
    expect(shows('date object.x "time"', { x: '2025-07-06 15:09:00 UTC' })).toBe('17:09');
    expect(shows('date object.x "time"', { x: '2025-07-06T15:09:00' })).toBe('17:09');
    expect(shows('date object.x "time"', { x: '2025-07-06T15:09:00+02:00' })).toBe('15:09');
  });
});

describe('late', () => {
  it('shows the time of an event that came more than five minutes late', () => {
    expect(shows('late object.x', { x: ago(300) })).toBe('');
    expect(shows('late object.x', { x: ago(720) })).toBe('2026-01-02 03:52 (12 min ago)');
    expect(shows('late object.x', { x: null })).toBe('');
    expect(shows('late object.x', { x: 'then' })).toBe('');
  });
});

describe('seconds_since', () => {
  it('is a number for comparisons, and null for an invalid time', () => {
    expect(shows('seconds_since object.x', { x: ago(90) })).toBe('90');
    expect(shows('#if (gt (seconds_since object.x) 90)}}late{{else}}fine{{/if', { x: ago(91) })).toBe('late');
    expect(shows('#if (gt (seconds_since object.x) 90)}}late{{else}}fine{{/if', { x: null })).toBe('fine');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [59.9, '59 s'],
    [3599, '59 min'],
    [86_399, '23 h'],
    [172_800, '2 days'],
    ['90', '1 min'],
    [null, ''],
    ['long', 'long'],
  ])('of %j is %j', (x, shown) => {
    expect(shows('duration object.x', { x })).toBe(shown);
  });
});

describe('comparison', () => {
  const holds = (call: string, x: Json, y: Json = null) =>
    text(`{{#if (${call})}}yes{{else}}no{{/if}}`, { x, y }) === 'yes';

  it.each([
    ['eq object.x object.y', 1, 1, true],
    ['eq object.x object.y', 1, '1', false],
    ['eq object.x object.missing', null, null, true],
    ['eq object.x object.y', false, null, false],
    ['ne object.x object.y', 'a', 'b', true],
    ['lt object.x object.y', 9, 10, true],
    ['lt object.x object.y', '9', '10', true],
    ['lt object.x object.y', 'a', 'b', true],
    ['lt object.x object.y', '2025-01-01T00:00:00.000Z', '2025-01-02T00:00:00.000Z', true],
    ['lt object.x object.y', null, 1, false],
    ['gte object.x object.y', null, 1, false],
    ['gt object.x object.y', 'a', 1, false],
    ['lte object.x object.y', 1, 1, true],
    ['gte object.x object.y', 1, 1, true],
    ['gt object.x object.y', 1, 1, false],
    ['in object.x "tp" "tpu"', 'tpu', null, true],
    ['in object.x "tp" "tpu"', 'tpu-', null, false],
    ['in object.x "tp"', null, null, false],
    ['contains object.x "b"', ['a', 'b'], null, true],
    ['contains object.x "b"', 'abc', null, true],
    ['contains object.x "b"', null, null, false],
    ['contains object.x object.y', 'abc', null, false],
    ['not object.x', null, null, true],
    ['not object.x', 0, null, true],
    ['not object.x', 'a', null, false],
    ['and object.x object.y', true, true, true],
    ['and object.x object.y', true, null, false],
    ['or object.x object.y', false, 'a', true],
    ['or object.x object.y', false, '', false],
  ] as const)('%s with %j and %j: %j', (call, x, y, wanted) => {
    expect(holds(call, x as Json, y as Json)).toBe(wanted);
  });

  it('returns the deciding value to be shown', () => {
    expect(shows('or object.x "b"', { x: null })).toBe('b');
    expect(shows('or object.x "b"', { x: 'a' })).toBe('a');
    expect(shows('and object.x "b"', { x: true })).toBe('b');
    expect(shows('and object.x "b"', { x: null })).toBe('');
  });
});

describe('link', () => {
  it('is a link if the target is allowed', () => {
    expect(shows('link object.x object.y', { x: 'post', y: '//stackoverflow.com/a/1' })).toBe(
      '[post](https://stackoverflow.com/a/1)',
    );
    expect(shows('link object.x "https://charcoal-se.org/a"', { x: 'a' })).toBe('[a](https://charcoal-se.org/a)');
  });

  it('is plain text otherwise, with the address', () => {
    expect(shows('link object.x object.y', { x: 'post', y: 'https://evil.example/' })).toBe(
      'post (https://evil.example/)',
    );
    expect(shows('link object.x object.y', { x: 'post', y: 'javascript:alert(1)' })).toBe('post (javascript:alert(1))');
    expect(shows('link object.x object.y', { x: 'a', y: `https://stackoverflow.com/${'a'.repeat(3000)}` })).toMatch(
      /^a \(https/,
    );
  });

  it('works with one of its arguments missing', () => {
    expect(shows('link object.x object.y', { x: 'post', y: null })).toBe('post');
    expect(shows('link object.x object.y', { x: null, y: '//stackoverflow.com/a/1' })).toBe(
      '[//stackoverflow.com/a/1](https://stackoverflow.com/a/1)',
    );
    expect(shows('link object.x object.y', {})).toBe('');
    expect(shows('link object.x object.y', { x: 5, y: 6 })).toBe('5 (6)');
  });
});

describe('code, spoiler, lines, markdown', () => {
  it('have the expected form', () => {
    expect(shows('code object.x', { x: 'a`b' })).toBe('`a`b`');
    expect(shows('spoiler object.x', { x: 'a||b' })).toBe('||a||b||');
    expect(shows('lines object.x', { x: 'a\n\n# b\r\nc' })).toBe('a\n# b\nc');
    expect(shows('lines object.x 2', { x: 'a\nb\nc' })).toBe('a\nb\n…');
    expect(shows('lines object.x', { x: ' \u2000 a' })).toBe('⟦U+2000⟧ a');
    expect(shows('lines object.x 2', { x: '\u0085\u0085\u0085a\n\n\n\nb\u2028\n\nc' })).toBe('a\nb\n…');
    expect(text('> {{lines object.x}}', { x: 'a\n> b' })).toBe('> a\n> > b');
    expect(shows('markdown object.x', { x: '**a**' })).toBe('**a**');
  });

  it.each(['code', 'spoiler', 'lines', 'markdown'])('%s of nothing is nothing', (name) => {
    expect(shows(`${name} object.x`, { x: null })).toBe('');
    expect(shows(`${name} object.x`, { x: '' })).toBe('');
    expect(shows(`${name} object.x`, { x: 5 })).toContain('5');
  });

  it('a spoiler can be written by hand, and similar text stays unchanged', () => {
    expect(fill('a ||b **c**|| d', {}).body).toMatchObject([
      { children: [{}, { kind: 'spoiler', children: [{ text: 'b ' }, { kind: 'strong' }] }, {}] },
    ]);
    expect(text('a || b || c ||| d|||e')).toBe('a || b || c ||| d|||e');
  });
});

describe('row and wrap', () => {
  it('put non-empty values side by side', () => {
    expect(shows('row object.x object.y "z" (code object.x)', { x: 'a', y: null })).toBe('a · z · `a`');
    expect(shows('row object.x object.y', { x: false, y: '' })).toBe('');
    expect(shows('row object.x', { x: 0 })).toBe('0');
  });

  it('put texts around a non-empty value', () => {
    expect(shows('wrap object.x "by " "!"', { x: '*a*' })).toBe('by *a*!');
    expect(shows('wrap (code object.x) "by "', { x: 'a' })).toBe('by `a`');
    expect(shows('wrap object.x "by "', { x: null })).toBe('');
    expect(shows('wrap object.x "by "', { x: false })).toBe('');
    expect(shows('wrap object.x (and object.y "by ") " of it"', { x: 'a', y: false })).toBe('a of it');
  });
});

describe('every helper', () => {
  const odd: readonly Json[] = [
    null,
    '',
    ' ',
    'text',
    '5',
    0,
    -1.5,
    1e300,
    true,
    false,
    [],
    [null],
    [['a']],
    {},
    { a: { b: [] } },
    '\ud83d',
    '2025-07-06T15:09:00.000Z',
  ];

  it('throws for no value, at any of its places', () => {
    const value = fc.oneof(fc.constantFrom(...odd), fc.jsonValue() as fc.Arbitrary<Json>);
    const compiled = Object.entries(helpers).flatMap(([name, { least, most }]) =>
      [least, Math.min(most, 3)].map((count) => {
        const columns = ['object.a', 'object.b', 'object.c'].slice(0, count).join(' ');
        const call = `(${name} ${columns})`;
        return template(`{{${name} ${columns}}} {{json ${call}}} {{truncate (default ${call} object.a) 9}}`);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...compiled), value, value, value, (one, a, b, c) => {
        expect(render([one], eventOf({ a, b, c })).failure).toBeNull();
      }),
      runs,
    );
  });
});
