import { it } from 'vitest';
import { expectAgreement, seed } from './explain-agrees.ts';

// The end-to-end tests have ten thousand.
it(`explain agrees with what was routed and sent for 2,000 events (FUZZ_SEED=${seed})`, async () => {
  await expectAgreement(2_000);
});
