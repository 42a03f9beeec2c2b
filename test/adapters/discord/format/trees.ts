import fc from 'fast-check';
import type { Block, Inline } from '../../../../src/render/message.ts';

/** What spammers write, and what Discord's clients read as something. */
const hostile = [
  'a',
  'b',
  ...[
    'https://evil.example/x?a=1&b=2#c',
    'HTTP://EVIL.EXAMPLE',
    'http:',
    '//evil.com',
    'https:/',
    '/evil.com',
    'www.evil.com',
  ],
  ...[
    'steam://run/1',
    'discord://-/x',
    'discord.gg/abc',
    '[click](https://evil.com)',
    '[click](<https://evil.com>)',
    '](https://evil.com)',
  ],
  ...[
    '[',
    ']',
    '(',
    ')',
    '[a',
    'b](',
    '](',
    '[x][y]',
    '<https://evil.com>',
    '<mailto:a@b.c>',
    '<a@b.c>',
    '<+49123456789>',
  ],
  ...[
    '@everyone',
    '@here',
    '@every',
    'one',
    '<@123456789012345678>',
    '<@!123456789012345678>',
    '<@&123456789012345678>',
  ],
  ...[
    '<#123456789012345678>',
    '</cmd:123456789012345678>',
    '<t:0:R>',
    '<t:1618953630>',
    '<:e:123456789012345678>',
    '<a:e:123456789012345678>',
  ],
  ...[
    '<id:customize>',
    '<123456789012345678:customize>',
    ':smile:',
    ':+1::skin-tone-2:',
    '12:30:45',
    '<',
    '>',
    '<@',
    '1>',
  ],
  ...[
    '**bold**',
    '*em*',
    '_em_',
    '__u__',
    '~~del~~',
    '||spoiler||',
    '***',
    '**',
    '*',
    '_',
    '__',
    '~',
    '~~',
    '|',
    '||',
    '|||',
  ],
  ...['`', '``', '```', '`code`', '``co`de``', '```js\ncode\n```', '\\', '\\\\', '\\*', '\\`', '¯\\_(ツ)_/¯', 'a\\'],
  ...[
    '# h',
    '## h',
    '### h',
    '-# sub',
    '#',
    '-#',
    '- item',
    '* item',
    '1. item',
    '12. x',
    '-',
    '1.',
    '> q',
    '>>> q',
    '>',
    '>>>',
  ],
  ...[
    'snake_case_name',
    '_snake_case',
    'a_ b_',
    '5 * 3',
    'a - b',
    '| a | b |',
    '😀',
    '👨‍👩‍👧‍👦',
    '1️⃣',
    '🇩🇪',
    '©',
    'é',
    '漢字',
    'a\u0300\u0301',
  ],
  ...[
    ' ',
    '  ',
    '\n',
    '\t',
    '\u00a0',
    '\ud83d',
    '\udc00',
    'word',
    'a',
    '1',
    '.',
    ':',
    '@',
    '/',
    '-',
    '!',
    '␤',
    '⟦U+202E⟧',
  ],
];

export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...hostile) },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'\\`*_~|[]()<>:@#-./ a1\n'), maxLength: 10 }) },
      { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .chain((parts) => fc.constantFrom(parts.join(''), parts.join(' ')))
  // In its shown form, in which it comes from `render/`; a line break alone is left for us to see to.
  .map((text) => text.toWellFormed().replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, ''));

const url = fc.oneof(
  fc.constantFrom(
    'https://stackoverflow.com/a/1?x=1&y="2"#<3>',
    'https://stackoverflow.com/q/1_2_3*4*(5)~~6~~||7||',
    'https://metasmoke.erwaysoftware.com/post/1',
  ),
  hostileText.map((text) => `https://stackoverflow.com/${text}`),
);

const piece = fc.oneof(
  { weight: 3, arbitrary: hostileText.map((text): Inline => ({ kind: 'text', text })) },
  { weight: 1, arbitrary: hostileText.map((text): Inline => ({ kind: 'code', text })) },
);
const kinds = ['strong', 'em', 'del', 'spoiler'] as const;

export const { inlines } = fc.letrec<{ inline: Inline; inlines: readonly Inline[] }>((tie) => ({
  inlines: fc.array(tie('inline'), { minLength: 1, maxLength: 5 }),
  inline: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    piece,
    fc.constant<Inline>({ kind: 'break' }),
    fc.record({ kind: fc.constantFrom(...kinds), children: tie('inlines') }),
    fc.record({
      kind: fc.constant('link' as const),
      url,
      children: fc.array(
        fc.oneof(piece, fc.record({ kind: fc.constantFrom(...kinds), children: fc.array(piece, { maxLength: 2 }) })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ),
}));

function blocksWith(shapes: 'all' | 'no lists'): fc.Arbitrary<readonly Block[]> {
  return fc.letrec<{ block: Block; blocks: readonly Block[] }>((tie) => ({
    blocks: fc.array(tie('block'), { minLength: 1, maxLength: 4 }),
    block: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ kind: fc.constant('paragraph' as const), children: inlines }),
      fc.record({
        kind: fc.constant('heading' as const),
        level: fc.constantFrom(1 as const, 2 as const, 3 as const),
        children: inlines,
      }),
      hostileText.map((text): Block => ({ kind: 'codeBlock', text })),
      fc.record({ kind: fc.constant('quote' as const), children: tie('blocks') }),
      ...(shapes === 'all'
        ? [
            fc.constant<Block>({ kind: 'rule' }),
            fc.record({
              kind: fc.constant('list' as const),
              ordered: fc.boolean(),
              items: fc.array(tie('blocks'), { maxLength: 3 }),
            }),
          ]
        : []),
    ),
  })).blocks;
}

/** Any body that a template might make of anything that a spammer wrote. */
export const anyBlocks = blocksWith('all');
/** The same without lists, of which discord-markdown-parser knows nothing, and rules, for which Discord has no markup. */
export const blocksWithoutLists = blocksWith('no lists');
