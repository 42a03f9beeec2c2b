import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeFilter } from '../../../src/metasmoke/api/filter-for.ts';

it('has a bit for each field, the first the most significant, in decimal, as letters', () => {
  const order = ['a.id', 'b.id', 'c.id', 'c.name'];
  expect(encodeFilter(order, new Set(['c.name']))).toBe('G');
  expect(encodeFilter(order, new Set(['a.id', 'c.id']))).toBe('GF');
  expect(encodeFilter(order, new Set(order))).toBe('GK');
});

it('is null if no field is requested', () => {
  expect(encodeFilter(['a.id'], new Set(['b.id']))).toBeNull();
  expect(encodeFilter([], new Set(['a.id']))).toBeNull();
});

it('contains the requested fields, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 400 }), (wanted) => {
      fc.pre(wanted.includes(true));
      const order = wanted.map((_, index) => `t.${index}`);
      const filter = encodeFilter(order, new Set(order.filter((_, index) => wanted[index])));
      const digits = [...(filter ?? '')].map((letter) => 'FGHIJKLMNO'.indexOf(letter)).join('');
      const bits = BigInt(digits).toString(2).padStart(wanted.length, '0');
      expect([...bits].map((bit) => bit === '1')).toEqual(wanted);
    }),
  );
});
