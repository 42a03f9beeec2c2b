import { it } from 'vitest';
import { expectAgreement, expectEveryReason, seed } from '../trial/explain-agrees.ts';

it(`explain agrees with what was routed and sent for 10,000 events (FUZZ_SEED=${seed})`, async () => {
  expectEveryReason(await expectAgreement(10_000));
}, 600_000);
