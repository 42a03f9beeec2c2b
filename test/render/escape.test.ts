import fc from 'fast-check';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { isTrustedUrl } from '../../src/metasmoke/links.ts';
import { shown, shownLine } from '../../src/text/shown.ts';
import { cpuNow } from '../support/cpu-time.ts';
import { hostile, runs } from './hostile.ts';
import { eventOf, fill, render, template, text, walk } from './support.ts';

const page = 'https://metasmoke.erwaysoftware.com/post/1';

/** Places of a body for a value. */
const places = [
  '{{object.x}}',
  'before {{object.x}} after',
  'before{{object.x}}after',
  '**{{object.x}}**',
  '__{{object.x}}__',
  '*{{object.x}}*',
  '_{{object.x}}_',
  '***{{object.x}}***',
  '~~{{object.x}}~~',
  '||{{object.x}}||',
  '**a _b {{object.x}} c_ d**',
  '`{{object.x}}`',
  '``{{object.x}}``',
  '# {{object.x}}',
  '# {{object.x}} #',
  '### a {{object.x}}',
  '- {{object.x}}\n- b',
  '1. {{object.x}}\n2. b',
  '- a\n  - {{object.x}}',
  '> {{object.x}}',
  '> a\n> {{object.x}}\n> b',
  'a\n{{object.x}}\nb',
  'a\n\n{{object.x}}\n\nb',
  'a  \n  {{object.x}}',
  '| {{object.x}} | b |\n|---|---|\n| c | {{object.x}} |',
  '{{object.x}}\n---',
  '{{object.x}}\n===',
  `[{{object.x}}](${page})`,
  `[a **{{object.x}}** b](${page})`,
  `![{{object.x}}](${page})`,
  '[label]({{object.x}})',
  '[label](<{{object.x}}>)',
  '![label]({{object.x}})',
  '<{{object.x}}>',
  '<b>{{object.x}}</b>',
  '[{{object.x}}]',
  '[a]: {{object.x}}',
  '\\{{object.x}}'.replace('\\{', '\\\\{'),
  '&{{object.x}};',
  '&#{{object.x}};',
  'https://evil.example/{{object.x}}',
  '{{code object.x}}',
  '{{spoiler object.x}}',
  `{{link object.x "${page}"}}`,
  '{{link "label" object.x}}',
  '{{default object.x "b"}}',
  '{{truncate object.x 5000}}',
  '{{row object.x "b"}}',
  '{{wrap object.x "(" ")"}}',
  '{{join object.x}}',
  '{{#with object}}{{this.x}}{{/with}}',
  '{{#each object}}**{{this}}**{{/each}}',
  '{{#*inline "p"}}[{{object.x}}]({{object.x}}){{/inline}}a {{> p}}',
  '{{#if object.none}}a{{else}}*{{object.x}}*{{/if}}',
  '{{#unless object.none}}{{row object.x "b"}}{{/unless}}',
  '{{#with object}}{{"x"}}{{/with}}',
  '{{lookup object "x"}}',
] as const;

/** Places for a value with several lines. */
const blocks = [
  '```\n{{object.x}}\n```',
  '~~~ {{object.x}}\na\n{{object.x}}\n~~~',
  '> ```\n> {{object.x}}\n> ```',
] as const;

/** Returns the tree with one text replaced by another, wherever it is. */
function replaced<T>(tree: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(tree), (_, value) =>
    typeof value === 'string' ? value.replaceAll(from, () => to) : value,
  );
}

/** A word that has no meaning in Markdown. */
const plain = 'VALUE';

describe('a value of an event', () => {
  it.each(places)('is only its shown text in %j', (source) => {
    const wanted = fill(source, { x: plain }).body;
    fc.assert(
      fc.property(hostile, (x) => {
        const line = shownLine(x);
        fc.pre(shown(x).trim() !== '' && !isTrustedUrl(line.trim()));
        expect(fill(source, { x }).body).toEqual(replaced(wanted, plain, line));
      }),
      { ...runs, numRuns: 40 },
    );
  });

  it.each(blocks)('is only its shown lines in %j', (source) => {
    const wanted = fill(source, { x: plain }).body;
    fc.assert(
      fc.property(hostile, (x) => {
        fc.pre(shown(x).trim() !== '' && !shown(x).endsWith('\n'));
        expect(fill(source, { x }).body).toEqual(replaced(wanted, plain, shown(x)));
      }),
      runs,
    );
  });

  it('is only its shown text in every part of a card', () => {
    const source = `---
title: 'a **{{object.x}}** b'
url: '{{object.x}}'
color: '{{object.x}}'
image: '{{object.x}}'
fields:
  - { name: '{{object.x}}', value: '[{{object.x}}](${page})', inline: true }
footer: '{{object.x}}'
---
`;
    const wanted = fill(source, { x: plain });
    fc.assert(
      fc.property(hostile, (x) => {
        const line = shownLine(x);
        fc.pre(shown(x).trim() !== '' && !isTrustedUrl(line.trim()));
        expect(fill(source, { x })).toEqual(replaced(wanted, plain, line));
      }),
      runs,
    );
  });

  it.each([
    '[a](https://wiki.example/{{object.x}})',
    '[a](https://wiki.example{{object.x}})',
    '[a](https://{{object.x}}@wiki.example)',
  ])('cannot change the target of a link in the template: %s', (source) => {
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.constantFrom('.evil.example', '@evil.example', ':pw@evil.example', ':81', '/../..')),
        (x) => {
          const { urls } = walk(fill(source, { x }));
          const others = urls.filter((url) => new URL(url).origin !== 'https://wiki.example');
          expect(others).toEqual([page.replace('/1', '/123'), page.replace('/1', '/123')]);
          expect(urls.every((url) => new URL(url).username === '')).toBe(true);
        },
      ),
      runs,
    );
  });

  it('does not merge with another value: two values side by side stay two texts', () => {
    expect(text('{{object.a}}{{object.b}}', { a: '*', b: '*a**' })).toBe('**a**');
    expect(text('[{{object.a}}{{object.b}}', { a: 'x](', b: 'https://stackoverflow.com)' })).toBe(
      '[x](https://stackoverflow.com)',
    );
  });

  it('leaves no mark if it is empty', () => {
    const nothing = { x: null };
    expect(fill('**{{object.x}}** `{{object.x}}` [{{object.x}}]({{object.x}})', nothing).body).toEqual([]);
    expect(fill('# {{object.x}}\n\n- {{object.x}}\n\n> {{object.x}}\n\n```\n{{object.x}}\n```', nothing).body).toEqual(
      [],
    );
    expect(text('a\n{{object.x}}\nb\n{{object.missing}}', nothing)).toBe('a\nb');
  });

  it('is shown by its number if it contains code points of the escape itself', () => {
    expect(text('{{object.x}}', { x: '\u{f0041}\u{f002a}' })).toBe('⟦U+F0041⟧⟦U+F002A⟧');
    expect(text('{{{object.x}}}', { x: '\u{f0041}*a*' })).toBe('⟦U+F0041⟧_a_');
  });

  it('is escaped only in our templates: other users of the library keep its escape for HTML', () => {
    expect(text('{{object.x}}', { x: '<b>' })).toBe('<b>');
    expect(Handlebars.compile('{{x}}')({ x: '<b>' })).toBe('&lt;b&gt;');
    expect(Handlebars.create().compile('{{x}}')({ x: '<b>' })).toBe('&lt;b&gt;');
  });
});

describe('a value inserted as Markdown', () => {
  it('is read as Markdown', () => {
    expect(text('{{{object.x}}}', { x: '**a** `b` [c](//stackoverflow.com/q/1)' })).toBe(
      '**a** `b` [c](https://stackoverflow.com/q/1)',
    );
    expect(text('{{&object.x}}', { x: '*a*' })).toBe('_a_');
    expect(text('{{markdown object.x}}', { x: '*a*' })).toBe('_a_');
  });

  it('adds no HTML, no reference, and no address hidden in an entity', () => {
    expect(text('{{{object.x}}}', { x: '<b>a</b> <!-- c -->' })).toBe('<b>a</b> <!-- c -->');
    expect(text('[a]\n\n{{{object.x}}}', { x: '[a]: https://stackoverflow.com' })).toBe(
      '[a]\n[a]: https://stackoverflow.com',
    );
    expect(text('{{{object.x}}}', { x: '[a](&#x6a;avascript:alert(1))' })).toBe('a (javascript:alert(1))');
  });

  it('shows the content of an entity', () => {
    expect(text('{{{object.x}}}', { x: 'a&#x202e;b &#x200b; &zwj;' })).toBe('a⟦U+202E⟧b ⟦U+200B⟧ ⟦U+200D⟧');
  });

  it('contains only trusted links, only shown text, and no endless tree', () => {
    fc.assert(
      fc.property(hostile, (x) => {
        const { message, failure } = render([template('a {{{object.x}}} b\n\n{{{object.x}}}')], eventOf({ x }));
        expect(failure).toBeNull();
        const { urls, texts } = walk(message);
        for (const url of urls) expect(url).toSatisfy(isTrustedUrl);
        for (const one of texts) expect(one).toBe(shown(one));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['stars', '*'.repeat(20_000)],
    ['emphasis in emphasis', `${'*a '.repeat(5_000)}${'a* '.repeat(5_000)}`],
    ['quotes', '>'.repeat(5_000)],
    ['lists', '- '.repeat(5_000)],
    ['open brackets', '['.repeat(20_000)],
    ['images', '!['.repeat(10_000)],
    ['links in links', '[a]('.repeat(5_000)],
    ['bars', '|'.repeat(20_000)],
    ['spoilers', '||a'.repeat(5_000)],
    ['back-ticks', '`a``b```'.repeat(2_000)],
    ['angles', '<a@'.repeat(5_000)],
  ])('takes little time and makes no deep tree for %s', (_, x) => {
    const start = cpuNow();
    const { message, failure } = render([template('{{{object.x}}}')], eventOf({ x }));
    expect(failure).toBeNull();
    // Measured: up to 75 ms.
    expect(cpuNow() - start).toBeLessThan(2_000);
    expect(walk(message).depth).toBeLessThanOrEqual(110);
  });
});
