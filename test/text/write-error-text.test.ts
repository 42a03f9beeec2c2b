import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeErrorText } from '../../src/text/write-error-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'lookout-write-'));
function failure(file: string): string | null {
  try {
    writeFileSync(file, '');
  } catch (err) {
    return writeErrorText(file, err);
  }
  return 'written';
}

it('names the folder that is missing, and a folder in the place of a file', () => {
  expect(failure(`${folder}/a/b.txt`)).toBe(
    `the folder of ${folder}/a/b.txt is not there: make it: mkdir -p ${folder}/a`,
  );
  expect(failure(folder)).toBe(`${folder} is a folder: name a file in it`);
});

it.each(['EACCES', 'EROFS', 'ENOSPC', 'EIO'])('says a sentence about %s', (code) => {
  const err = Object.assign(new Error(), { code, syscall: 'open' });
  expect(writeErrorText('a.txt', err)).toMatch(/a\.txt.*: [a-z]/);
});

it('leaves a bug alone', () => {
  expect(writeErrorText('a.txt', new TypeError('x'))).toBeNull();
});
