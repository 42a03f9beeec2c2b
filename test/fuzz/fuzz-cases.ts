import { expect } from 'vitest';
import { describeFound, fuzz } from './run.ts';

/**
 * The same cases each time, so that only a change fails here: `npm run fuzz` searches further, `FUZZ_SEED=42 npm test`
 * elsewhere.
 */
export const seed = Number(process.env.FUZZ_SEED ?? 300_106);

/** Fails with each case in which hostile text does not stay text. */
export async function expectText(cases: number): Promise<void> {
  process.stdout.write(`hostile text: ${cases} cases, FUZZ_SEED=${seed}\n`);
  const { found } = await fuzz(cases, seed);
  expect(found.map(describeFound).join('\n\n'), `FUZZ_SEED=${seed}`).toBe('');
}
