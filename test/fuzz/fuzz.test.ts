import { it } from 'vitest';
import { expectText, seed } from './fuzz-cases.ts';

// The end-to-end tests have a thousand.
it(`hostile text stays text in 250 cases from seed ${seed}`, { timeout: 120_000 }, () => expectText(250));
