import { describe, expect, it } from 'vitest';
import { asEdit, format, limitsOf } from '../../../../src/adapters/matrix/format/format.ts';
import type { Block, Inline, Message } from '../../../../src/render/message.ts';
import { cpuNow } from '../../../support/cpu-time.ts';
import { message } from '../rig.ts';
import { parseStrictly } from './strict-html.ts';

const key = 'AAAAAAAAAAAAAAAAAAAAAA';
const link = 'https://metasmoke.erwaysoftware.com/post/123';
const made = (what: Message): { body: string; formatted_body: string } => JSON.parse(format(what, key));
const text = (value: string): Inline => ({ kind: 'text', text: value });
const bytes = (value: string) => Buffer.byteLength(JSON.stringify(value));

describe('a message that is too long for Matrix', () => {
  it.each([
    ['words', 'lorem ipsum '],
    ['markup', '<b>&"'],
    ['quotes and backslashes', '"\\'],
    ['links', 'a@b.co '],
    ['one endless word', 'a'],
    ['Chinese', '漢字'],
    ['emoji', '😀'],
    ['families', '👨‍👩‍👧‍👦'],
    ['lone surrogates', '\ud83d'],
    ['combining marks', 'a\u0300\u0301'],
    ['line feeds', 'a\n'],
    ['control characters', '\u0001'],
    ['backticks', '`'],
  ])('fits, is well-formed and shows its link, though it is a megabyte of %s', (_, piece) => {
    const started = cpuNow();
    const payload = format(message(piece.repeat(Math.ceil(1_000_000 / piece.length)), { link }), key);
    expect(cpuNow() - started).toBeLessThan(1_000);
    const { body, formatted_body } = JSON.parse(payload);
    expect(Buffer.byteLength(payload)).toBeLessThan(31_000);
    expect(Math.max(bytes(body), bytes(formatted_body))).toBeLessThanOrEqual(15_000);
    // It is filled as well as it can be: nothing is cut for no reason.
    expect(Math.max(bytes(body), bytes(formatted_body))).toBeGreaterThan(11_000);
    expect(parseStrictly(formatted_body).links).toEqual([link]);
    expect(body.endsWith(`…\n${link}`)).toBe(true);
    expect(payload.isWellFormed()).toBe(true);
    // An edit of it fits an event when it is encrypted (48,385 bytes do, measured).
    const sealed = format(
      message(piece.repeat(Math.ceil(1_000_000 / piece.length)), { link }),
      key,
      [],
      limitsOf(true),
    );
    expect(Buffer.byteLength(asEdit(sealed, `$${'e'.repeat(254)}`))).toBeLessThan(47_000);
  });

  it('is not cut where it just fits', () => {
    const whole = made(message('x'.repeat(14_900)));
    expect(whole.body).toBe('x'.repeat(14_900));
  });

  it('is cut at the end of a word', () => {
    const { body } = made(message('Donaudampfschifffahrt '.repeat(2_000)));
    expect(body).toMatch(/^(Donaudampfschifffahrt )*Donaudampfschifffahrt…$/);
  });

  it.each([
    ['a surrogate pair', 'x', '😀', /^x(😀)+…$/],
    ['an emoji and its joiner', 'x', '👨‍👩‍👧‍👦', /^x(👨‍👩‍👧‍👦)+…$/u],
    ['a letter and its marks', 'x', 'e\u0301\u0302', /^x(e\u0301\u0302)+…$/],
    ['a hand and its colour', 'x', '👍🏽', /^x(👍🏽)+…$/u],
  ])('is never cut between %s', (_, before, piece, expected) => {
    // Each length of what stands before moves the place of the cut by one.
    for (let length = 0; length < 12; length++) {
      const { body } = made(message(before + 'y'.repeat(length) + piece.repeat(9_000)));
      expect(body.replace(/y/g, '')).toMatch(expected);
    }
  });

  it('keeps its title, fields and footer, and gives up the body first', () => {
    const { formatted_body } = made(
      message('word '.repeat(9_000), {
        title: [text('The title')],
        url: link,
        fields: [{ name: [text('Site')], value: [text('SO')], inline: false }],
        footer: [text('The footer')],
        link,
      }),
    );
    expect(formatted_body).toMatch(/^<p><strong><a href="[^"]+">The title<\/a><\/strong><br>word /);
    expect(formatted_body).toMatch(/word…<\/p><p><strong>Site<\/strong>: SO<\/p><p><em>The footer<\/em><\/p>$/);
  });

  it('cuts each part that is too long by itself, and still leads to metasmoke', () => {
    const long = [text('long '.repeat(9_000))];
    const { body, formatted_body } = made(
      message('body '.repeat(9_000), {
        title: long,
        fields: Array.from({ length: 40 }, () => ({ name: long, value: long, inline: false })),
        footer: long,
        link,
      }),
    );
    expect(body.match(/…/g)).toHaveLength(4);
    expect(parseStrictly(formatted_body).links).toEqual([link]);
  });

  it('says its link once where the cut left it, and again where only a spoiler or nothing shows it', () => {
    const leads = (children: Inline[]): Inline => ({ kind: 'link', url: link, children });
    const long = text('word '.repeat(9_000));
    const links = (...children: Inline[]) =>
      parseStrictly(made(message([{ kind: 'paragraph', children }], { link })).formatted_body).links;
    expect(links(leads([text('here')]), long)).toEqual([link]);
    expect(links(long, leads([text('here')]))).toEqual([link]);
    expect(links({ kind: 'spoiler', children: [leads([text('here')])] }, long)).toEqual([link, link]);
    expect(links(leads([]), long)).toEqual([link, link]);
  });

  it('fits whatever its link is', () => {
    for (const odd of [`https://a.b/${'&'.repeat(900)}`, `https://a.b/${'x'.repeat(100_000)}`, 'no link']) {
      const { formatted_body } = made(message('word '.repeat(9_000), { link: odd }));
      expect(bytes(formatted_body)).toBeLessThanOrEqual(15_000);
    }
  });

  it('is quick also where it is many small things, or one thing nested deeply', () => {
    const paragraphs: Block[] = Array.from({ length: 100_000 }, () => ({ kind: 'paragraph', children: [text('x')] }));
    let quote: Block = { kind: 'paragraph', children: [text('deep')] };
    let bold: Inline = text('deep');
    for (let depth = 0; depth < 50_000; depth++) {
      quote = { kind: 'quote', children: [quote] };
      bold = { kind: 'strong', children: [bold] };
    }
    const items = Array.from({ length: 100_000 }, () => []);
    const bodies: Block[][] = [
      paragraphs,
      [quote],
      [{ kind: 'paragraph', children: [bold] }],
      [{ kind: 'list', ordered: true, items }],
    ];
    for (const body of bodies) {
      const started = cpuNow();
      const { formatted_body } = made(message(body, { link }));
      expect(cpuNow() - started).toBeLessThan(1_000);
      expect(parseStrictly(formatted_body).depth).toBeLessThan(100);
    }
  });
});
