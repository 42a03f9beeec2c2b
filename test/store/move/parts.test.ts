import { expect, it } from 'vitest';
import { copyText } from '../../../src/store/move/copy-text.ts';
import { Digest } from '../../../src/store/move/digest.ts';
import { orderTables } from '../../../src/store/move/order-tables.ts';
import type { Row } from '../../../src/store/move/side.ts';

const shape = (name: string, needs: readonly string[] = []) => ({ name, columns: [], needs });

it('moves a table after those that it refers to', () => {
  const ordered = orderTables([shape('a', ['c', 'b']), shape('b', ['c']), shape('c'), shape('d')]);
  expect(ordered.map(({ name }) => name)).toEqual(['c', 'd', 'b', 'a']);
});

it('refuses tables that refer to each other', () => {
  expect(() => orderTables([shape('a', ['b']), shape('b', ['a'])])).toThrow('tables refer to each other: a, b');
});

it('writes rows as COPY reads them', () => {
  expect(
    copyText([
      [1, null, ''],
      [-2, '\\N \\.\t\r\n\0', 'é'],
    ]),
  ).toBe('1\t\\N\t\n-2\t\\\\N \\\\.\\t\\r\\n\ufffd\té\n');
});

function summaryOf(...rows: readonly Row[]) {
  const digest = new Digest();
  for (const row of rows) digest.add(row);
  return digest.summary();
}

it('hashes the rows of a table in any order to the same', () => {
  expect(summaryOf([1, 'a'], [2, null])).toEqual(summaryOf([2, null], [1, 'a']));
});

it('takes a NUL for the character that PostgreSQL holds instead', () => {
  expect(summaryOf(['a\0'])).toEqual(summaryOf(['a\ufffd']));
});

it.each<readonly [Row, Row]>([
  [[1], ['1']],
  [[null], ['']],
  [
    ['a', 'b'],
    ['ab', ''],
  ],
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
])('tells %j from %j', (one, other) => {
  expect(summaryOf(one).hash).not.toBe(summaryOf(other).hash);
});

it('notices a row that is there twice', () => {
  expect(summaryOf([1], [1]).rows).toBe(2);
  expect(summaryOf([1], [1], [2], [2]).hash).not.toBe(summaryOf([1], [1], [1], [2]).hash);
});
