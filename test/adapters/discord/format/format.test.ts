import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/discord/format/format.ts';
import type { Message } from '../../../../src/render/message.ts';
import {
  code,
  contentOf,
  descriptionOf,
  embedOf,
  key,
  link,
  linked,
  marked,
  messageOf,
  over,
  paragraph,
  text,
} from './messages.ts';

const post: Message = messageOf({
  title: [text('🚨 Buy cheap pills at evil.com <now>')],
  url: link,
  color: '#f0883e',
  body: [
    paragraph(
      linked('https://stackoverflow.com/users/1', text('spam & co')),
      text(' · 1 rep · '),
      linked('https://stackoverflow.com/q/1', text('stackoverflow.com')),
      { kind: 'break' },
      text('Why: '),
      code('bad keyword'),
    ),
  ],
  fields: [
    { name: [text('Site')], value: [text('Stack Overflow')], inline: true },
    { name: [text('Reasons')], value: [text('one'), { kind: 'break' }, text('two')], inline: false },
  ],
  footer: [text('reported *late*')],
  image: 'https://metasmoke.erwaysoftware.com/logo.png',
  link,
});

describe('a message on Discord', () => {
  it('is an embed whose title leads to metasmoke with the mark, and that mentions nobody', () => {
    expect(JSON.parse(format(post, key, { embeds: true }))).toEqual({
      embeds: [
        {
          title: '🚨 Buy cheap pills at evil.com \\<now>',
          url: marked,
          color: 0xf0883e,
          description:
            '[spam & co](https://stackoverflow.com/users/1) · 1 rep · [stackoverflow.com](https://stackoverflow.com/q/1)\n' +
            'Why: `bad keyword`',
          fields: [
            { name: 'Site', value: 'Stack Overflow', inline: true },
            { name: 'Reasons', value: 'one\ntwo', inline: false },
          ],
          footer: { text: 'reported *late*' },
          image: { url: 'https://metasmoke.erwaysoftware.com/logo.png' },
        },
      ],
      nonce: key,
      enforce_nonce: true,
      allowed_mentions: { parse: [] },
    });
  });

  it('is content of the same text where embeds are missing, with no link that would be previewed', () => {
    expect(JSON.parse(format(post, key, { embeds: false }))).toEqual({
      content: [
        '**🚨 Buy cheap pills at evil.com \\<now>**',
        '[spam & co](<https://stackoverflow.com/users/1>) · 1 rep · [stackoverflow.com](<https://stackoverflow.com/q/1>)',
        'Why: `bad keyword`',
        '**Site**: Stack Overflow',
        '**Reasons**: one',
        'two',
        '',
        `-# [metasmoke](<${marked}>) · reported \\*late\\*`,
      ].join('\n'),
      flags: 4,
      nonce: key,
      enforce_nonce: true,
      allowed_mentions: { parse: [] },
    });
  });

  it('leads to metasmoke from below the body where no title does', () => {
    const body = [paragraph(text('hello'))];
    expect(embedOf({ body, link })).toEqual({ description: `hello\n\n[metasmoke](${marked})` });
    expect(embedOf({ title: [text(' ')], url: link, body, link })).toEqual({
      description: `hello\n\n[metasmoke](${marked})`,
    });
    const elsewhere = embedOf({ title: [text('T')], url: 'https://stackoverflow.com/q/1', body, link });
    expect(elsewhere.url).toBe('https://stackoverflow.com/q/1');
    expect(elsewhere.description).toBe(`hello\n\n[metasmoke](${marked})`);
    expect(contentOf({ title: [text('T')], url: 'https://stackoverflow.com/q/1', link })).toBe(
      `**[T](<https://stackoverflow.com/q/1>)**\n\n-# [metasmoke](<${marked}>)`,
    );
  });

  it('marks a link to metasmoke that the body shows, once, and not a hidden one', () => {
    const there = linked(link, text('report'));
    expect(descriptionOf(paragraph(there))).toBe(`[report](${link})`);
    expect(embedOf({ body: [paragraph(there, text(' '), there)], link }).description).toBe(
      `[report](${marked}) [report](${link})`,
    );
    expect(contentOf({ body: [paragraph(there)], link })).toBe(`[report](<${marked}>)`);
    expect(embedOf({ body: [paragraph(over('spoiler', there))], link }).description).toBe(
      `||[report](${link})||\n\n[metasmoke](${marked})`,
    );
  });

  it('has no mark where there is no link, or none that could be one', () => {
    for (const odd of [null, '', 'metasmoke', 'javascript:alert(1)', `https://a.b/${'x'.repeat(3_000)}`]) {
      expect(format({ ...post, url: null, link: odd }, key, { embeds: true })).not.toContain('#lk-');
      expect(format({ ...post, url: null, link: odd }, key, { embeds: false })).not.toContain('#lk-');
    }
  });

  it('is never empty, which Discord would refuse', () => {
    const blank = { title: [text(' ')], body: [paragraph(text('')), paragraph()], footer: [text('\n')] };
    expect(embedOf(blank)).toEqual({ description: '(no text)' });
    expect(contentOf(blank)).toBe('(no text)');
    expect(embedOf({ link })).toEqual({ description: `[metasmoke](${marked})` });
  });

  it('shows a field without a name, or without a value, among the text, since Discord takes none', () => {
    const fields = [
      { name: [], value: [text('a')], inline: true },
      { name: [text(' ')], value: [text('b')], inline: true },
      { name: [text('N')], value: [], inline: false },
      { name: [text('M')], value: [text('m')], inline: true },
    ];
    const { description, fields: shown } = embedOf({ fields });
    expect(description).toBe('a · b\n**N**:');
    expect(shown).toEqual([{ name: 'M', value: 'm', inline: true }]);
  });
});

describe('blocks on Discord', () => {
  it('are headings, lists, quotes, code and rules', () => {
    expect(
      descriptionOf(
        { kind: 'heading', level: 2, children: [text('Head'), { kind: 'break' }, text('line')] },
        paragraph(text('one')),
        paragraph(text('two')),
        { kind: 'list', ordered: false, items: [[paragraph(text('a'))], [paragraph(text('b')), paragraph(text('c'))]] },
        { kind: 'list', ordered: true, items: [[paragraph(text('x'))], [], [paragraph(text('y'))]] },
        { kind: 'quote', children: [paragraph(text('q\nr')), paragraph(text('s'))] },
        { kind: 'quote', children: [paragraph(text('t'))] },
        { kind: 'codeBlock', text: '\nif (a < b) {\n  **x**\n}\n' },
        { kind: 'rule' },
        paragraph(text('end')),
      ),
    ).toBe(
      [
        ...['## Head line', 'one', '', 'two', '- a', '- b', '  c', '', '1. x', '2. y', '> q', '> r', '> s', '', '> t'],
        ...['```', 'if (a < b) {', '  **x**', '}', '```', '────────────', 'end'],
      ].join('\n'),
    );
  });

  it('nest as far as Discord reads it', () => {
    const inner = { kind: 'list', ordered: true, items: [[paragraph(text('deep'))]] } as const;
    expect(descriptionOf({ kind: 'list', ordered: false, items: [[paragraph(text('a')), inner], [inner]] })).toBe(
      '- a\n  1. deep\n1. deep',
    );
    expect(
      descriptionOf({
        kind: 'quote',
        children: [
          { kind: 'heading', level: 1, children: [text('H')] },
          { kind: 'quote', children: [paragraph(text('in'))] },
          { kind: 'codeBlock', text: 'a\n\nb `c`\n' },
        ],
      }),
    ).toBe('> **H**\n> in\n> `a`\n> b \\`c\\`');
  });

  it('show a fence in code as text', () => {
    expect(descriptionOf({ kind: 'codeBlock', text: 'a\n```\nb' })).toBe('`a`\n\\`\\`\\`\n`b`');
  });
});
