import { expect, it } from 'vitest';
import { withoutGenerated } from './generated.ts';
import { pages, readPage } from './pages.ts';

/** A sentence, heading or cell that begins with a noun clause: "What waits is listed." `test/prose.test.ts` has the other phrases. */
const clause = /(?:^|[.:!] |^#+ |^[-*|>] |\| )(?:What|Whether) /;

it.each(pages)('%s names things by nouns', (page) => {
  const text = withoutGenerated(readPage(page)).replaceAll(/^ *```[\s\S]*?^ *```|`[^`\n]*`/gm, '');
  expect(text.split('\n').filter((line) => clause.test(line))).toEqual([]);
});
