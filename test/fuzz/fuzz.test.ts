import { expect, it } from 'vitest';
import { describeFound, fuzz } from './run.ts';

const cases = 1_000;

/**
 * The same cases each time, so that only a change fails here: `npm run fuzz` searches further, `FUZZ_SEED=42 npm test`
 * elsewhere.
 */
const seed = Number(process.env.FUZZ_SEED ?? 300_106);

it(`hostile text stays text in ${cases} cases from seed ${seed}`, { timeout: 120_000 }, async () => {
  process.stdout.write(`hostile text: ${cases} cases, FUZZ_SEED=${seed}\n`);
  const { found } = await fuzz(cases, seed);
  expect(found.map(describeFound).join('\n\n'), `FUZZ_SEED=${seed}`).toBe('');
});
