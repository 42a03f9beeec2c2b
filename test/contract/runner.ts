import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runner } from '../../src/adapters/contract/runner.ts';

/** Vitest, for the contracts. */
export const runner: Runner = { describe, it, beforeEach, afterEach, expect };
