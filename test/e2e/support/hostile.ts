/** Returns the character with this code point. Invisible characters are written as numbers in this project's files. */
const char = (...codePoints: number[]) => String.fromCodePoint(...codePoints);

const rightToLeftOverride = char(0x202e);
const popDirection = char(0x202c);
const zeroWidthSpace = char(0x200b);
const escapeCharacter = char(0x1b);
const bell = char(0x07);

/** Titles, names and comments as a spammer would write them. Each must be shown as text everywhere. */
export const hostileTexts: readonly string[] = [
  '**bold** _em_ ~~del~~ `code` ||spoiler|| > quote',
  '# heading\n\n- list\n1. item\n\n---\n\n| a | b |\n|---|---|',
  '[metasmoke](https://evil.example/phish)',
  '![x](https://evil.example/pixel.png)',
  '<https://evil.example/autolink> https://evil.example/bare www.evil.example evil.example/path',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">click</a> <b>bold</b> &amp; &lt;i&gt; &#64;room',
  '<mx-reply><blockquote>fake</blockquote></mx-reply>',
  '@room @everyone @here <@123456789012345678> <@&123456789012345678> <#123456789012345678>',
  '@owner:localhost #marks:localhost !abc:localhost matrix:u/owner:localhost https://matrix.to/#/@owner:localhost',
  '/me waves !subscribe posts /invite @evil:localhost',
  `invoice${rightToLeftOverride}gpj.exe${popDirection} for you`,
  `pay${zeroWidthSpace}pal log${zeroWidthSpace}in${char(0x00ad)} ${char(0x2066)}isolate${char(0x2069)}${char(0xfeff)}`,
  `${escapeCharacter}[31mred${escapeCharacter}[0m ${escapeCharacter}]0;title${bell} ${char(0x9b)}2J ${char(0x08, 0x7f, 0x00)}`,
  `Z${char(...Array.from({ length: 60 }, (_, i) => 0x300 + i))}algo ${`a${char(0x0301, 0x0489, 0x0336)}`.repeat(20)}`,
  'half a pair \ud83d and the other \udca9, whole \u{1f4a9}',
  `family \u{1f468}${char(0x200d)}\u{1f469}${char(0x200d)}\u{1f467} England \u{1f3f4}${char(0xe0067, 0xe0062, 0xe0065, 0xe006e, 0xe0067, 0xe007f)}`,
  '{{constructor.constructor "return process"}} {{{object}}} {{#each this}}{{/each}} #{7*7} <%= 7*7 %>',
  '"; DROP TABLE events; -- \' OR 1=1 \\ \\n \\u0000 \\" %00 %s %n',
  'first line\nsecond line\r\nthird line\u2028fourth line\u2029fifth line\u0085sixth line',
  '```\nfence\n```\n~~~ `` ` ``` ````',
  '\\*not bold\\* \\[not a link\\] \\\\ trailing backslash \\',
  '__proto__ constructor toString hasOwnProperty',
  '\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u4f60\u597d \u{1f1e9}\u{1f1ea} \u1e9e\u0130',
  ' leading and trailing spaces  ',
  '',
];

/** A text that no message and no log may ever show: the value of private columns. */
export const privateText = 'PRIVATE-0b5f7c';
