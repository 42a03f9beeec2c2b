import { expect, it } from 'vitest';
import { partNames, partsOnPages, withGenerated } from './generated.ts';
import { pages, readPage } from './pages.ts';

it.each(pages)('%s has the current generated parts (else: npm run pages)', (page) => {
  const text = readPage(page);
  expect(text).toBe(withGenerated(text));
});

it('every generated part is on one page', () => {
  expect(partsOnPages().toSorted()).toEqual(partNames.toSorted());
});
