import { describe, expect, it } from 'vitest';
import { code, contentOf, descriptionOf, embedOf, linked, over, paragraph, text } from './messages.ts';

const so = 'https://stackoverflow.com/q/1';

describe('text on Discord', () => {
  it.each([
    ['what nothing is made of', 'Hi, it\'s (a) 5 > 3 & "x" = 100% #1 a|b ~5 evil.com a@b.c - 12:30:45 1.5 C:\\dir'],
    ['other scripts', 'Ünïcödé 漢字 😀 ⟦U+202E⟧ ␤'],
    ['markers within a line', 'a > b # c -# d 1. e - f'],
    ['a comparison', 'a < b'],
  ])('has no backslash for %s', (_, value) => {
    expect(descriptionOf(paragraph(text(value)))).toBe(value);
  });

  it.each([
    ['emphasis', '**b** *i* _i_ __u__ snake_case', '\\*\\*b\\*\\* \\*i\\* \\_i\\_ \\_\\_u\\_\\_ snake\\_case'],
    ['strikethrough and spoilers', '~~d~~ ||s||', '\\~\\~d\\~\\~ \\|\\|s\\|\\|'],
    ['code', '`c` ```js', '\\`c\\` \\`\\`\\`js'],
    ['a backslash that would take effect', '\\*a\\', '\\\\\\*a\\\\'],
    ['headings', '# h', '\\# h'],
    ['subtext', '-# s', '\\-# s'],
    ['bullets', '- a', '\\- a'],
    ['numbers', '12. a', '12\\. a'],
    ['quotes', '> q', '\\> q'],
    ['long quotes', '>>> q', '\\>>> q'],
    ['markers behind white space', '  - a', '\\- a'],
    ['links', 'https://evil.com steam://run/1', 'https\\://evil.com steam\\://run/1'],
    ['addresses without a scheme', 'www.evil.com discord.gg/abc', 'www\\.evil.com discord.gg\\/abc'],
    ['masked links', '[a](https://evil.com)', '\\[a]\\(https\\://evil.com)'],
    ['addresses in brackets', '<https://evil.com> <mailto:a@b.c>', '\\<https\\://evil.com> \\<mailto:a@b.c>'],
    ['mentions', '@everyone @here <@1> <@!1> <@&1> <#1>', '\\@everyone \\@here \\<@1> \\<@!1> \\<@&1> \\<#1>'],
    ['commands and navigation', '</cmd:1> <id:customize>', '\\</cmd:1> \\<id:customize>'],
    ['timestamps and emoji', '<t:0:R> <:e:1> <a:e:1>', '\\<t\\:0:R> \\<\\:e:1> \\<a\\:e:1>'],
    ['names of emoji', ':smile: :+1::skin-tone-2:', '\\:smile: \\:+1:\\:skin-tone-2:'],
    ['a shrug', '¯\\_(ツ)_/¯', '¯\\\\\\_(ツ)\\_/¯'],
  ])('has backslashes for %s', (_, value, expected) => {
    expect(descriptionOf(paragraph(text(value)))).toBe(expected);
  });

  it('is looked at across the borders of its pieces', () => {
    expect(descriptionOf(paragraph(text('https'), text(':'), text('//evil.com')))).toBe('https\\://evil.com');
    expect(descriptionOf(paragraph(text('[a]'), over('strong', text('b')), text('(c)')))).toBe('\\[a]**b**(c)');
    expect(descriptionOf(paragraph(text('a:smi'), text('le:')))).toBe('a\\:smile:');
  });

  it('is looked at across formatting and links that had to be left out', () => {
    expect(descriptionOf(paragraph(over('em', text('a')), over('strong', text('@every')), text('one')))).toBe(
      '*a*\\@everyone',
    );
    expect(descriptionOf(paragraph(text('@every'), linked(so, text('one]'))))).toBe(`\\@everyone] ([link](${so}))`);
    expect(descriptionOf(paragraph(text('http:'), linked(so, text('//x[a]'))))).toBe(`http\\://x\\[a] ([link](${so}))`);
  });

  it('begins a line anew after each break', () => {
    expect(descriptionOf(paragraph(text('a'), { kind: 'break' }, text('# b\n- c\r\n> d')))).toBe(
      'a\n\\# b\n\\- c\n\\> d',
    );
    expect(descriptionOf(paragraph(over('strong', text('# a'))))).toBe('**\\# a**');
    expect(descriptionOf({ kind: 'list', ordered: false, items: [[paragraph(text('- a'))]] })).toBe('- \\- a');
  });
});

describe('formatting on Discord', () => {
  it('stands on a line, without the white space at its ends', () => {
    expect(descriptionOf(paragraph(text('a'), over('strong', text(' b\nc ')), text('d')))).toBe('a **b**\n**c** d');
    expect(descriptionOf(paragraph(over('em', text(' ')), over('spoiler', code(' ')), text('x')))).toBe('x');
  });

  it('is one in another, the spoiler outermost, however the template had them', () => {
    const all = over('em', over('strong', over('del', over('spoiler', text('a')))));
    expect(descriptionOf(paragraph(all))).toBe('||~~***a***~~||');
    expect(descriptionOf(paragraph(over('strong', text('a '), over('em', text('b')), text(' c'))))).toBe('**a *b* c**');
    expect(descriptionOf(paragraph(over('strong', over('strong', text('a')))))).toBe('**a**');
  });

  it('is left out where asterisks would meet', () => {
    expect(descriptionOf(paragraph(over('strong', text('a')), over('em', text('b'))))).toBe('**a**b');
    expect(descriptionOf(paragraph(over('strong', text('a*')), text('*b')))).toBe('**a\\***\\*b');
  });

  it('keeps a delimiter apart from the same character in the text', () => {
    expect(descriptionOf(paragraph(over('spoiler', text('a|')), text('|')))).toBe('||a\\| ||\\|');
    expect(descriptionOf(paragraph(over('del', text('~a~'))))).toBe('~~\\~a\\~ ~~');
  });
});

describe('code on Discord', () => {
  it('holds everything but backticks at its ends, and two in a row', () => {
    expect(descriptionOf(paragraph(code('**a** @everyone https://evil.com \\')))).toBe(
      '`**a** @everyone https://evil.com \\`',
    );
    expect(descriptionOf(paragraph(code('a`b')))).toBe('``a`b``');
    expect(descriptionOf(paragraph(code('`a')))).toBe('\\`a');
    expect(descriptionOf(paragraph(code('a``b')))).toBe('a\\`\\`b');
  });

  it('is text where a delimiter around it would end inside', () => {
    expect(descriptionOf(paragraph(over('strong', code('a*b'))))).toBe('**a\\*b**');
    expect(descriptionOf(paragraph(over('spoiler', code('a||b'))))).toBe('||a\\|\\|b||');
    expect(descriptionOf(paragraph(over('del', code('a~~b'))))).toBe('~~a\\~\\~b~~');
  });

  it('joins the code beside it', () => {
    expect(descriptionOf(paragraph(code('a'), code('b'), over('em', code('c'))))).toBe('`ab`*`c`*');
  });

  it('does not end the label of a link before it', () => {
    const before = linked(so, text('a'));
    expect(descriptionOf(paragraph(before, text(' b](https://evil.com)')))).toBe(`[a](${so}) b]\\(https\\://evil.com)`);
    expect(descriptionOf(paragraph(before, text(' '), code('b](c)')))).toBe(`[a](${so}) b]\\(c)`);
    expect(descriptionOf(paragraph(before), { kind: 'codeBlock', text: 'b](c)' })).toBe(`[a](${so})\nb]\\(c)`);
    expect(descriptionOf({ kind: 'codeBlock', text: '[b](c)' })).toBe('```\n[b](c)\n```');
  });
});

describe('content on Discord', () => {
  it('does not end the label of a link in whichever part of the message it stands', () => {
    const title = [text('T')];
    const body = [paragraph(code('b](https://evil.com)'))];
    expect(contentOf({ title, url: so, body })).toBe(`**[T](<${so}>)**\nb]\\(https\\://evil.com)`);
  });
});

describe('a link on Discord', () => {
  it('has code for what would need a backslash in its text, where Discord shows backslashes', () => {
    expect(descriptionOf(paragraph(linked(so, text('snake_case'))))).toBe(`[\`snake_case\`](${so})`);
    expect(descriptionOf(paragraph(linked(so, over('strong', text('a')), text(' b'))))).toBe(`[**a** b](${so})`);
  });

  it('stands beside its text where Discord would not make a link of it', () => {
    const beside = (value: string, escaped: string) => {
      expect(descriptionOf(paragraph(linked(so, text(value))))).toBe(`${escaped} ([link](${so}))`);
    };
    beside('[a]', '\\[a]');
    beside('https://evil.com', 'https\\://evil.com');
    beside('`a`', '\\`a\\`');
    beside('discord.gg/abc', 'discord.gg\\/abc');
  });

  it('may have emoji in its text in embeds alone', () => {
    const body = [paragraph(linked(so, text('🚨 a')))];
    expect(embedOf({ body }).description).toBe(`[🚨 a](${so})`);
    expect(contentOf({ body })).toBe(`🚨 a ([link](<${so}>))`);
  });

  it('has an address that ends nothing but itself', () => {
    expect(descriptionOf(paragraph(over('spoiler', linked(`${so}?a=|~*_\`(b)\\`, text('a')))))).toBe(
      `||[a](${so}?a=%7C%7E%2A_%60%28b%29%5C)||`,
    );
  });

  it('is its text alone in titles, names and footers', () => {
    const there = [linked(so, text('a_b')), text('!')];
    const { title, fields, footer } = embedOf({
      title: there,
      fields: [{ name: there, value: there, inline: true }],
      footer: there,
    });
    expect(title).toBe('a\\_b!');
    expect(fields).toEqual([{ name: 'a\\_b!', value: `[\`a_b\`](${so})!`, inline: true }]);
    expect(footer).toEqual({ text: 'a_b!' });
  });

  it('is as hidden as any part of it', () => {
    expect(descriptionOf(paragraph(linked(so, text('a '), over('spoiler', text('b')))))).toBe(`||[a b](${so})||`);
  });
});
