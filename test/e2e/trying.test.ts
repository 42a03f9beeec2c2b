import { expect, it } from 'vitest';
import { withGenerated } from '../docs/generated.ts';
import { readPage } from '../docs/pages.ts';

it('docs/trying.md shows what its commands print (else: npm run pages)', () => {
  const text = readPage('docs/trying.md');
  expect(text).toBe(withGenerated(text));
});
