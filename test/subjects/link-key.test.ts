import { expect, it } from 'vitest';
import { linkKeyOf } from '../../src/subjects/link-key.ts';

const keyOf = (link: string) => linkKeyOf({ role: 'report', object: { link } });

it('links are compared without their protocol, and one that no index takes is not compared', () => {
  expect(keyOf('https://stackoverflow.com/a/1')).toBe('//stackoverflow.com/a/1');
  expect(keyOf('//stackoverflow.com/a/1')).toBe('//stackoverflow.com/a/1');
  expect(keyOf(`//${'x'.repeat(598)}`)).toHaveLength(600);
  expect(keyOf(`//${'x'.repeat(599)}`)).toBeNull();
});
