import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { counted } from '../../src/text/counted.ts';

describe('a count with its noun', () => {
  it('is in the singular for one, and for one only', () => {
    expect([0, 1, 2, 1_234].map((count) => counted(count, 'post'))).toEqual([
      '0 posts',
      '1 post',
      '2 posts',
      '1234 posts',
    ]);
    expect(counted(1, 'delivery waits', 'deliveries wait')).toBe('1 delivery waits');
    expect(counted(2, 'delivery waits', 'deliveries wait')).toBe('2 deliveries wait');
  });
});

it('no template writes a plural behind a number by itself', () => {
  const nouns =
    /\b(?:wrap|number)\b[^}]*" (?:posts|flags|votes|events|comments|reports|days|hours|minutes|seconds|commits)\b/;
  const files = globSync('templates/*.hbs');
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => nouns.test(readFileSync(file, 'utf8')))).toEqual([]);
});
