import fc from 'fast-check';
import { codePoint } from '../support/code-point.ts';

/** Number of runs of a property. fast-check prints the seed and the path of a failure. */
export const runs = { numRuns: 300 } as const;

const char = (...codePoints: readonly number[]) => String.fromCodePoint(...codePoints);

/** Pieces with a meaning to a Markdown parser, a template engine, a terminal, a client, or a reader's eye. */
const pieces = [
  ...['**', '__', '~~', '||', '`', '```', '~~~', '[', ']', '](', ')', '!', '<', '>', '\\', '&amp;', '&#x202e;', '|'],
  ...[
    '# ',
    '- ',
    '1. ',
    '> ',
    '---',
    '===',
    '    ',
    '\t',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    ' ',
    '  \n',
    '{{',
    '}}',
    '{{{x}}}',
  ],
  ...[
    'https://evil.example/',
    'www.evil.example',
    '@room',
    '@u:evil.example',
    '#r:evil.example',
    '<@1>',
    '<b>',
    '</b>',
  ],
  ...['[a](https://stackoverflow.com/)', '![a](https://evil.example/p.png)', '<https://evil.example>', '[x]: /url "t"'],
  ...['a', 'word', 'é', 'ß', '你好', 'שלום', 'مرحبا', '👩🏽‍🚀', '1️⃣', '🇩🇪', 'क्‍ष', 'می‌خواهم'],
  char(0x1b, 0x5b, 0x33, 0x31, 0x6d),
  char(0x202e),
  char(0x2066),
  char(0x200b),
  char(0x200d),
  char(0xfe0f),
  char(0xfeff),
  char(0x3164),
  char(0x0),
  char(0x85),
  char(0x2028),
  char(0x0301),
  char(0xf0041),
  char(0xf0000),
  char(0xe0041),
  char(0x10fffd),
  '\ud83d',
  '\udc00',
] as const;

/** Texts of an attacker who tries to break out of a message. */
export const hostile = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: codePoint, maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  // Any UTF-16 units, including halves of pairs.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);
