import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/discord/format/format.ts';
import type { Block, Inline, Message } from '../../../../src/render/message.ts';
import { cpuNow } from '../../../support/cpu-time.ts';
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
  type SentEmbed,
  text,
} from './messages.ts';
import { parsers } from './parsed.ts';

/** The lengths that Discord looks at, and whether it would take them. */
function unitsOf({ title = '', description = '', fields = [], footer }: SentEmbed): number {
  expect(title.length).toBeLessThanOrEqual(256);
  expect(description.length).toBeLessThanOrEqual(4_096);
  expect(fields.length).toBeLessThanOrEqual(25);
  expect(footer?.text.length ?? 0).toBeLessThanOrEqual(2_048);
  for (const { name, value } of fields) {
    expect(name.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeLessThanOrEqual(1_024);
    expect([name.trim(), value.trim()]).not.toContain('');
  }
  const texts = [title, description, footer?.text ?? '', ...fields.flatMap(({ name, value }) => [name, value])];
  const all = texts.join('').length;
  expect(all).toBeLessThanOrEqual(6_000);
  return all;
}

/** The embed and the content that a message becomes, and the number of marks in each; a megabyte is formatted once for each. */
function sent(message: Partial<Message>) {
  const [asEmbed, asContent] = [true, false].map((embeds) => format(messageOf(message), key, { embeds })) as [
    string,
    string,
  ];
  const { embeds } = JSON.parse(asEmbed) as { readonly embeds: readonly SentEmbed[] };
  expect(embeds).toHaveLength(1);
  const marks = [asEmbed, asContent].map((payload) => payload.split(`#lk-${key}`).length - 1);
  return { embed: embeds[0]!, content: (JSON.parse(asContent) as { readonly content: string }).content, marks };
}

const megabytes: readonly (readonly [name: string, piece: string])[] = [
  ['words', 'lorem ipsum '],
  ['markup', '**_~~||`'],
  ['tags', '<@1>'],
  ['backslashes', '\\'],
  ['links', 'https://a.b '],
  ['open brackets', '[a]('],
  ['one endless word', 'a'],
  ['Chinese', '漢字'],
  ['emoji', '😀'],
  ['families', '👨‍👩‍👧‍👦'],
  ['lone surrogates', '\ud83d'],
  ['combining marks', 'a\u0300\u0301'],
  ['lines', 'a\n'],
  ['bullets', ' - '],
  ['colons', ':a'],
];

describe('a message that is too long for Discord', () => {
  it.each(megabytes)('fits, is well-formed and leads to metasmoke, though it is a megabyte of %s', (_, piece) => {
    const long = text(piece.repeat(Math.ceil(1_000_000 / piece.length)));
    const bodies: Block[] = [
      ...(['strong', 'em', 'del', 'spoiler'] as const).map((kind) => paragraph(over(kind, long))),
      paragraph(long),
      paragraph(linked(link, long)),
      { kind: 'quote', children: [paragraph(long)] },
      { kind: 'list', ordered: true, items: [[paragraph(long)]] },
      { kind: 'codeBlock', text: piece.repeat(Math.ceil(1_000_000 / piece.length)) },
      { kind: 'heading', level: 1, children: [long] },
    ];
    for (const block of bodies) {
      const message = { body: [block], link };
      const started = cpuNow();
      const { embed, content, marks } = sent(message);
      expect(cpuNow() - started).toBeLessThan(1_000);
      // It is filled: nothing is cut for no reason.
      expect(unitsOf(embed)).toBeGreaterThan(2_500);
      expect(content.length).toBeLessThanOrEqual(2_000);
      expect(content.length).toBeGreaterThan(1_300);
      for (const shown of [embed.description ?? '', content]) {
        expect(shown).toContain('…');
        expect(shown).toContain(marked);
        expect(shown.isWellFormed()).toBe(true);
      }
      expect(marks).toEqual([1, 1]);
    }
  });

  it.each(megabytes)('fits also where every part is a megabyte of %s', (_, piece) => {
    const long = [text(piece.repeat(Math.ceil(1_000_000 / piece.length)))];
    const fields = Array.from({ length: 40 }, () => ({ name: long, value: long, inline: true }));
    const message = { title: long, url: link, body: [paragraph(...long)], fields, footer: long, link };
    const { embed, content, marks } = sent(message);
    expect(unitsOf(embed)).toBeGreaterThan(4_000);
    expect(embed.url).toBe(marked);
    expect(embed.fields?.at(-1)).toEqual({ name: '…', value: '…', inline: false });
    expect(content.length).toBeLessThanOrEqual(2_000);
    expect(content).toContain(`\n\n-# [metasmoke](<${marked}>) · `);
    expect(marks).toEqual([1, 1]);
  });

  it('is not cut where it just fits', () => {
    expect(descriptionOf(paragraph(text('x'.repeat(4_096))))).toBe('x'.repeat(4_096));
    expect(descriptionOf(paragraph(text('*'.repeat(2_048))))).toBe('\\*'.repeat(2_048));
    expect(embedOf({ title: [text('x'.repeat(256))] }).title).toBe('x'.repeat(256));
    expect(contentOf({ body: [paragraph(text('x'.repeat(2_000)))] })).toBe('x'.repeat(2_000));
    const many = Array.from({ length: 25 }, () => ({
      name: [text('n')],
      value: [text('v'.repeat(200))],
      inline: true,
    }));
    expect(embedOf({ fields: many }).fields).toHaveLength(25);
    expect(unitsOf(embedOf({ fields: many }))).toBe(25 * 201);
  });

  it('is cut at the end of a word, with every delimiter closed', () => {
    const words = text('Donaudampfschifffahrt '.repeat(400));
    expect(descriptionOf(paragraph(over('strong', words)))).toMatch(
      /^\*\*(Donaudampfschifffahrt )+Donaudampfschifffahrt…\*\*$/,
    );
    const hidden = descriptionOf(paragraph(over('spoiler', over('em', code('a_b '.repeat(2_000))))));
    expect(hidden).toMatch(/^\|\|\*`(a_b )+a_b…`\*\|\|$/);
    expect(descriptionOf({ kind: 'codeBlock', text: 'a b\n'.repeat(3_000) })).toMatch(/^```\n[^`]+…\n```$/);
    expect(contentOf({ title: [words], body: [paragraph(words)] })).toMatch(/^\*\*[^*]+…\*\*\n[^*]+…$/);
  });

  it('is never cut within an escape, a pair or an emoji', () => {
    for (const [piece, expected] of [
      ['*', /^y*(\\\*)+…$/],
      ['\\*', /^y*(\\\\\\\*)+…$|^y*(\\\\\\\*)+\\\\…$/],
      ['😀', /^y*(😀)+…$/],
      ['👨‍👩‍👧‍👦', /^y*(👨‍👩‍👧‍👦)+…$/u],
    ] as const) {
      for (let length = 0; length < 12; length++) {
        expect(descriptionOf(paragraph(text('y'.repeat(length) + piece.repeat(5_000))))).toMatch(expected);
      }
    }
  });

  it('keeps its title, fields and footer, and gives up the body first', () => {
    const message: Partial<Message> = {
      title: [text('The title')],
      url: link,
      body: [paragraph(text('word '.repeat(9_000)))],
      fields: [{ name: [text('Site')], value: [text('SO')], inline: true }],
      footer: [text('The footer')],
      link,
    };
    expect(embedOf(message)).toMatchObject({
      title: 'The title',
      url: marked,
      description: expect.stringMatching(/word word…$/),
      fields: [{ name: 'Site', value: 'SO', inline: true }],
      footer: { text: 'The footer' },
    });
    expect(contentOf(message)).toMatch(/^\*\*The title\*\*\nword .+ word…\n\*\*Site\*\*: SO\n\n-# .+ · The footer$/);
  });

  it('says its link where the cut took it away', () => {
    const long = text('word '.repeat(9_000));
    const here = linked(link, text('here'));
    expect(embedOf({ body: [paragraph(here, long)], link }).description).toMatch(/^\[here\]\(.+#lk-A+\)word .+…$/);
    expect(embedOf({ body: [paragraph(long, here)], link }).description).toMatch(/…\n\n\[metasmoke\]\(.+#lk-A+\)$/);
  });

  it('is quick also where it is many small things, or one thing nested deeply', () => {
    let quote: Block = paragraph(text('deep'));
    let bold: Inline = text('deep');
    let list: Block = paragraph(text('deep'));
    for (let depth = 0; depth < 50_000; depth++) {
      quote = { kind: 'quote', children: [quote] };
      bold = over(depth % 2 === 0 ? 'strong' : 'em', bold);
      list = { kind: 'list', ordered: depth % 2 === 0, items: [[list]] };
    }
    const small = Array.from({ length: 100_000 }, (_, index) =>
      over(index % 2 === 0 ? 'strong' : 'spoiler', text('x')),
    );
    const bodies: Block[][] = [
      Array.from({ length: 100_000 }, () => paragraph(text('x'))),
      [paragraph(...small)],
      [quote],
      [paragraph(bold)],
      [list],
      [{ kind: 'list', ordered: true, items: Array.from({ length: 100_000 }, () => []) }],
    ];
    for (const body of bodies) {
      const started = cpuNow();
      const message = {
        body,
        link,
        title: small,
        footer: [bold],
        fields: small.map((one) => ({ name: [one], value: [one], inline: true })),
      };
      expect(unitsOf(embedOf(message))).toBeLessThanOrEqual(6_000);
      expect(contentOf(message).length).toBeLessThanOrEqual(2_000);
      expect(cpuNow() - started).toBeLessThan(2_000);
    }
  });

  it('nests 50 deep with every kind of formatting open, and closes it', () => {
    let inline: Inline = text('a '.repeat(9_000));
    for (let depth = 0; depth < 20; depth++)
      inline = over((['strong', 'em', 'del', 'spoiler'] as const)[depth % 4]!, inline);
    const shown = descriptionOf(paragraph(inline));
    for (const parse of Object.values(parsers)) {
      expect(new Set(parse(shown).shown.map(({ inside }) => inside))).toEqual(new Set(['del em spoiler strong']));
    }
  });
});
