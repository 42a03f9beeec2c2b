import fc from 'fast-check';
import type { Block, Field, Inline, Message } from '../../../../src/render/message.ts';
import { codePoint } from '../../../support/code-point.ts';

/** What spammers write, and what breaks programs that read it. */
const hostile = [
  'https://evil.example/x?a=1&b=2#c',
  'HTTP://EVIL.EXAMPLE',
  'www.evil.com',
  'evil.com',
  'spam@evil.com',
  '@user:evil.com',
  '#room:evil.com',
  '!room:evil.com',
  '@room',
  'matrix.to/#/@user:evil.com',
  'mxc://evil.com/abc',
  'matrix:u/user:evil.com',
  'mailto:a@b.c',
  'javascript:alert(1)',
  '<script>alert(1)</script>',
  '<a href="https://evil.com">x</a>',
  '"><img src=x onerror=alert(1)>',
  '&lt;b&gt; &amp; &',
  '</p></code></a></span>',
  '`code`',
  '**bold** _em_ ~~del~~ ||spoiler||',
  '\ud83d',
  '\udc00',
  '😀👨‍👩‍👧‍👦🇩🇪',
  'a\u0300\u0301\u0302',
  '漢字かな',
  'пример.рф',
  '\n',
  ' ',
  '\0\u0007\u001b[31m',
  '\r\n',
  '（https://evil.com）',
  '1.2.3.4',
];

export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: codePoint, maxLength: 8 }), fc.string({ maxLength: 12 })),
    {
      maxLength: 5,
    },
  )
  .chain((parts) => fc.constantFrom(parts.join(''), parts.join(' ')));

const url: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'https://metasmoke.erwaysoftware.com/post/1',
    'https://stackoverflow.com/a/1?x=1&y="2"#<3>',
    '//stackoverflow.com/a/1',
    'javascript:alert(1)',
    'data:text/html,<script>',
    'https://',
    'https://a.b/\ud800',
  ),
  fc.string().map((text) => `https://stackoverflow.com/${text}`),
);

const { inlines } = fc.letrec<{ inline: Inline; inlines: readonly Inline[] }>((tie) => ({
  inlines: fc.array(tie('inline'), { maxLength: 4 }),
  inline: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    hostileText.map((text): Inline => ({ kind: 'text', text })),
    hostileText.map((text): Inline => ({ kind: 'code', text })),
    fc.constant<Inline>({ kind: 'break' }),
    fc.record({
      kind: fc.constantFrom('strong' as const, 'em' as const, 'del' as const, 'spoiler' as const),
      children: tie('inlines'),
    }),
    // A link in a link is not made by any template: the Markdown that they are written in has none.
    fc.record({
      kind: fc.constant('link' as const),
      url,
      children: fc.array(hostileText.map((text): Inline => ({ kind: 'text', text }))),
    }),
  ),
}));

const { blocks } = fc.letrec<{ block: Block; blocks: readonly Block[] }>((tie) => ({
  blocks: fc.array(tie('block'), { maxLength: 4 }),
  block: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('paragraph' as const), children: inlines }),
    fc.record({
      kind: fc.constant('heading' as const),
      level: fc.constantFrom(1 as const, 2 as const, 3 as const),
      children: inlines,
    }),
    hostileText.map((text): Block => ({ kind: 'codeBlock', text })),
    fc.constant<Block>({ kind: 'rule' }),
    fc.record({ kind: fc.constant('quote' as const), children: tie('blocks') }),
    fc.record({
      kind: fc.constant('list' as const),
      ordered: fc.boolean(),
      items: fc.array(tie('blocks'), { maxLength: 3 }),
    }),
  ),
}));

const field: fc.Arbitrary<Field> = fc.record({ name: inlines, value: inlines, inline: fc.boolean() });

/** Any message that a template might make of anything that a spammer wrote. */
export const anyMessage: fc.Arbitrary<Message> = fc.record({
  title: fc.option(inlines),
  url: fc.option(url),
  color: fc.option(fc.constant('#ff0000')),
  body: blocks,
  fields: fc.array(field, { maxLength: 3 }),
  footer: fc.option(inlines),
  image: fc.constant(null),
  link: fc.option(fc.constant('https://metasmoke.erwaysoftware.com/post/1')),
});
