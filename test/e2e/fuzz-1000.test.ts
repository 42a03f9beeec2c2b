import { it } from 'vitest';
import { expectText, seed } from '../fuzz/fuzz-cases.ts';

it(`hostile text stays text in 1,000 cases from seed ${seed}`, () => expectText(1_000));
