import { describe, expect, it } from 'vitest';
import { openSeeds, sealSeeds } from '../../../../src/adapters/matrix/encryption/seeds.ts';

describe('the private keys of an account in the store', () => {
  const seeds = [{ master: 'm', selfSigning: 's', userSigning: 'u' }];
  const key = Uint8Array.from({ length: 32 }, (_, at) => at);

  it('are not to be seen with a key, and open with it', () => {
    const text = sealSeeds(seeds, '@bot:fake.test', key);
    expect(text).not.toContain('master');
    expect(openSeeds(text, '@bot:fake.test', key)).toEqual(seeds);
  });

  it.each([
    ['another key', '@bot:fake.test', key.toReversed()],
    ['no key', '@bot:fake.test', null],
    ['another account', '@other:fake.test', key],
  ])('do not open with %s', (_, account, other) => {
    expect(openSeeds(sealSeeds(seeds, '@bot:fake.test', key), account, other)).toBeNull();
  });

  it('open with a key that was added after they were stored', () => {
    expect(openSeeds(sealSeeds(seeds, '@bot:fake.test', null), '@bot:fake.test', key)).toEqual(seeds);
  });
});
