import { describe, expect, it } from 'vitest';
import { differences } from '../compare.ts';
import type { Reading } from '../reading.ts';
import { createTokens } from '../tokens.ts';
import { discordDifferences } from './compare.ts';
import { payloadFaults, readPayload } from './payload.ts';
import { readMarkdown } from './read.ts';

const names = Object.keys(readMarkdown('', ''));

/** Returns each parser's reading of an unescaped text. */
const read = (text: string) => names.map((name) => readMarkdown(text, 'content')[name]!);
const each = <T>(text: string, look: (reading: Reading) => T) => read(text).map(look);

describe('texts for Discord, as both parsers read them', () => {
  it.each([
    '@everyone',
    '@here',
    '<@123>',
    '<@!1>',
    '<@&1>',
    '<#1>',
    '</cmd:1>',
    '</cmd group sub:1>',
    '<id:customize>',
    '<id:linked-roles:1>',
    '<t:0:R>',
    '<t:0>',
    '<:e:1>',
    '<a:e:1>',
    ':smile:',
    ':+1:',
    ':thumbsup::skin-tone-2:',
    '<a@evil.com>',
    '<mailto:a@evil.com>',
    '<+1234567>',
    'discord.gg/abc',
    'discord.com/invite/abc',
  ])('contain more than text: %s', (text) => {
    expect(each(text, ({ dangers }) => dangers.length)).toEqual([1, 1]);
    expect(each(`a ${text} b\n> **${text}**`, ({ dangers }) => dangers.length)).toEqual([2, 2]);
    expect(each(`\`${text}\``, ({ dangers }) => dangers)).toEqual([[], []]);
  });

  it.each([
    ['https://evil.com/a', 'https://evil.com/a'],
    ['steam://run/1', 'steam://run/1'],
    ['[a](https://evil.com)', 'https://evil.com'],
    ['[a](<https://evil.com> "t")', 'https://evil.com'],
    ['<https://evil.com>', 'https://evil.com'],
    ['**https://evil.com**', 'https://evil.com'],
  ])('contain a link: %s', (text, address) => {
    expect(each(text, ({ links }) => links)).toEqual([[address], [address]]);
  });

  it.each([
    ['**a**', 'content > strong'],
    ['*a*', 'content > em'],
    ['_a_', 'content > em'],
    ['__a__', 'content > underline'],
    ['~~a~~', 'content > del'],
    ['||a||', 'content > spoiler'],
    ['# a', 'content > heading 1'],
    ['### a', 'content > heading 3'],
    ['-# a', 'content > subtext'],
    ['- a', 'content > item -'],
    ['* a', 'content > item *'],
    ['1. a', 'content > item 1.'],
    ['> a', 'content > quote'],
    ['>>> a', 'content > quote'],
    ['> # a', 'content > quote > heading 1'],
    ['- -# a', 'content > item - > subtext'],
  ])('contain formatting: %s', (text, look) => {
    expect(each(text, ({ runs }) => runs.map(({ path }) => path.join(' > ')))).toEqual([[look], [look]]);
    const [escaped] = read(`\\${text}`);
    expect(escaped!.runs.every(({ path }) => path.join(' > ') !== look)).toBe(true);
  });

  it.each([
    'a - b',
    'a # b',
    'a -# b',
    'a > b',
    '2026-01-02',
    '12:30:45',
    'a@b',
    '#1',
    '@user',
    '<b>',
    '&lt;',
    '\\*a\\*',
    '\\<@1>',
  ])('contain only text: %s', (text) => {
    for (const { runs, links, dangers } of read(text)) {
      expect({ links, dangers }).toEqual({ links: [], dangers: [] });
      expect(new Set(runs.map(({ path }) => path.join(' > ')))).toEqual(new Set(['content']));
      expect(runs.map((run) => run.text).join('')).toBe(text.replace(/\\(?=[*<])/g, ''));
    }
  });
});

describe('the comparison with harmless words', () => {
  /** Returns the complaints about `value` in `template`, which does not escape it. */
  function complaints(template: (value: string) => string, value: string, look: readonly string[] = []): string[] {
    const tokens = createTokens();
    const word = tokens.standFor(value);
    const looks = new Map([[word, new Set(look)]]);
    return names.flatMap((name) =>
      discordDifferences(
        readMarkdown(template(value), 'content')[name]!,
        readMarkdown(template(word), 'content')[name]!,
        tokens,
        looks,
      ).map(({ kind }) => kind),
    );
  }

  it.each([
    ['text', '**a**'],
    ['text', 'a `b` c'],
    ['text', '\\*'],
    ['text', '```js\na```'],
    ['text', '||a||'],
    ['text', '[a](https://evil.com)'],
    ['link', 'https://evil.com/a'],
    ['text', '# a'],
    ['text', '<@1>'],
    ['text', '1. a'],
  ])('finds a difference of %s in the reading of %s', (kind, value) => {
    expect(complaints((text) => text, value)).toEqual([kind, kind]);
  });

  it('finds a value that ends the formatting around it, or extends it', () => {
    expect(complaints((text) => `**${text} b**`, 'a** c', ['strong'])).not.toEqual([]);
    expect(complaints((text) => `||${text}||`, 'a|| b', ['spoiler'])).not.toEqual([]);
    expect(complaints((text) => `${text} a**`, '**b')).not.toEqual([]);
    expect(complaints((text) => `\`${text}\``, 'a` b')).not.toEqual([]);
    expect(complaints((text) => `[${text}](https://charcoal-se.org)`, 'a](https://evil.com) [b')).not.toEqual([]);
  });

  it('requires that a spoiler hides, and leaves other formatting to the adapter', () => {
    expect(complaints(() => 'a', 'a', ['spoiler'])).toEqual([]);
    const tokens = createTokens();
    const word = tokens.standFor('a');
    const reading = (text: string) => readMarkdown(text, 'content')[names[0]!]!;
    const found = (text: string, look: string) =>
      discordDifferences(reading(text), reading(word), tokens, new Map([[word, new Set([look])]])).map(
        ({ kind }) => kind,
      );
    expect(found('a', 'spoiler')).toEqual(['spoiler']);
    expect(found('||a||', 'spoiler')).toEqual([]);
    expect(found('a', 'strong')).toEqual([]);
    expect(found('**a**', 'em')).toEqual(['look']);
    expect(differences(reading('**a**'), reading(word), tokens, (text) => text)).toHaveLength(1);
  });
});

describe('a payload', () => {
  const good = { content: 'a', allowed_mentions: { parse: [] } };
  const faults = (payload: object) =>
    payloadFaults(JSON.stringify({ ...good, ...payload })).map(({ detail }) => detail);

  it('checks the limits and the mentions', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ content: 'x'.repeat(2001) })).toEqual(['content has 2001 of 2000 characters']);
    expect(faults({ content: ' ' })).toEqual(['nothing to show']);
    expect(faults({ allowed_mentions: {} })).toEqual(['mentions are allowed: {}']);
    expect(faults({ content: '\ud800' })).toEqual(['a lone surrogate']);
    expect(faults({ embeds: [{ title: 'x'.repeat(257), fields: [{ name: ' ', value: 'b' }] }] })).toEqual([
      'title has 257 of 256 characters',
      'field name is blank',
    ]);
    const fields = Array.from({ length: 6 }, () => ({ name: 'a', value: 'x'.repeat(1024) }));
    expect(faults({ embeds: [{ fields }] })).toEqual(['embeds have 6150 of 6000 characters']);
  });

  it('reads every place: Markdown in some, plain text in others', () => {
    const readings = readPayload(
      JSON.stringify({
        content: '<@1>',
        embeds: [
          {
            ...{
              title: '**a**',
              url: 'https://evil.com/1',
              description: '<@2>',
              fields: [{ name: '<@3>', value: '<@4>' }],
            },
            ...{
              footer: { text: '<@5>', icon_url: 'https://evil.com/2' },
              author: { name: '<@6>', url: 'https://evil.com/3' },
            },
            ...{ image: { url: 'https://evil.com/4' }, thumbnail: { url: 'https://evil.com/5' } },
          },
        ],
      }),
    );
    for (const { dangers, links, runs } of Object.values(readings)) {
      expect(dangers).toEqual(['mention <@1>', 'mention <@2>', 'mention <@3>', 'mention <@4>']);
      expect(links.toSorted()).toEqual([1, 2, 3, 4, 5].map((number) => `https://evil.com/${number}`));
      expect(runs.map(({ text, path }) => `${path.join(' ')}: ${text}`)).toEqual([
        'title strong: a',
        'footer: <@5>',
        'author: <@6>',
      ]);
    }
  });
});
