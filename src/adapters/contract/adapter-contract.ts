import type { ContractOptions } from './harness.ts';
import type { Runner } from './runner.ts';
import { testAnswers } from './test-answers.ts';
import { testChanges } from './test-changes.ts';
import { testMessages } from './test-messages.ts';
import { createTrial } from './trial.ts';

/** Tests what the outbox requires of every adapter, on any platform, with the functions of a test runner. */
export function adapterContract(runner: Runner, name: string, options: ContractOptions): void {
  runner.describe(`the ${name} adapter`, () => {
    const trial = createTrial(runner, options);
    testMessages(trial);
    testChanges(trial);
    testAnswers(trial);
  });
}
