import { encodeRecoveryKey } from 'matrix-js-sdk/lib/crypto-api/recovery-key.js';
import { describe, expect, it } from 'vitest';
import { readRecoveryKey } from '../../../src/adapters/matrix/recovery-key.ts';

describe('a recovery key', () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, at) => at * 7);
  const written = encodeRecoveryKey(bytes) ?? '';

  it.each([
    ['as clients write it', written],
    ['without blanks', written.replaceAll(' ', '')],
    ['over two lines', written.replace(' ', '\n')],
  ])('is read %s', (_, text) => {
    expect(readRecoveryKey(text)).toEqual({ bytes });
  });

  it.each([
    [
      'two letters that changed places',
      written.replace(/(\w)(\w)$/, '$2$1'),
      'has a typing mistake: its checksum is wrong',
    ],
    [
      'a group that is missing',
      written.slice(5),
      'has 44 letters and digits, and 48 are right: was a part of it left out?',
    ],
    ['a zero', written.replace('E', '0'), 'has a "0", which is in no recovery key: a key looks like EsTc 5F2c …'],
    ['nothing', '', 'has 0 letters and digits, and 48 are right: was a part of it left out?'],
  ])('is not read with %s', (_, text, wrong) => {
    expect(readRecoveryKey(text)).toEqual({ wrong });
  });
});
