import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from '../../../src/adapters/console/line-splitter.ts';

it('gives the lines of a text, however it comes in pieces', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '/', '\n', '\r\n', 'é', '😀'), maxLength: 40 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 6 }), (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const splitter = createLineSplitter();
      const lines = at.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(at[index]!, end)));
      expect([...lines, splitter.rest]).toEqual(
        whole.split('\n').map((line, n, all) => (n < all.length - 1 ? line.replace(/\r$/, '') : line)),
      );
    }),
    { seed: 2026, numRuns: 300 },
  );
});

it('drops a line without an end, keeps little of it, and goes on with the next', () => {
  const splitter = createLineSplitter();
  for (let n = 0; n < 1_000; n++) expect(splitter.push(Buffer.alloc(64 * 1024, 'x'))).toEqual([]);
  expect(splitter.rest).toBe('');
  expect(splitter.push(Buffer.from('\n/help\n/st'))).toEqual(['/help']);
  expect(splitter.rest).toBe('/st');
});
