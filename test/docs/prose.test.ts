import { expect, it } from 'vitest';
import { withoutGenerated } from './generated.ts';
import { pages, readPage } from './pages.ts';

/** Ways of writing that readers have to decode. Code is quoted from elsewhere, and generated parts are written where they come from. */
const patterns = [
  /\b[Ii]s no /,
  /\b[Nn]obody\b/,
  /\btold of\b/,
  /\balso over\b/,
  /\b[Ww]hoever\b/,
  /\b[Ss]o long /,
  /(?:^|[.:!] |^#+ |^[-*|>] |\| )(?:What|Whether) /,
];

it.each(pages)('%s is written in plain English', (page) => {
  const text = withoutGenerated(readPage(page)).replaceAll(/^ *```[\s\S]*?^ *```|`[^`\n]*`/gm, '');
  expect(text.split('\n').filter((line) => patterns.some((pattern) => pattern.test(line)))).toEqual([]);
});
