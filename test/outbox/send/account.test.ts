import { expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { createAccountKeeper } from '../../../src/outbox/send/account.ts';
import { accountTrouble } from '../../../src/outbox/send/account-state.ts';
import { createScriptedAdapter } from '../../support/scripted-adapter.ts';
import { createTestClock } from '../../support/test-clock.ts';

it('an account that cannot log in says since when and why, and operators are told once after two minutes', async () => {
  const clock = createTestClock();
  const adapter = createScriptedAdapter();
  const told: string[] = [];
  const keeper = createAccountKeeper({
    ...{ adapter, clock, log: silentLog },
    onBroken: (reason) => told.push(`broken: ${reason}`),
    onUnreachable: (reason) => told.push(`unreachable: ${reason}`),
    onWorks: () => told.push('works'),
  });
  expect(accountTrouble(keeper.state)).toBe('not logged in yet');
  for (let attempt = 0; attempt < 30; attempt++)
    adapter.loginResults.push({ outcome: 'later', waitMs: 10_000, reason: 'DNS does not know it' });
  const since = new Date(clock.now()).toISOString();
  keeper.start();
  await clock.advance(100_000);
  expect(accountTrouble(keeper.state)).toBe(`not logged in since ${since}: DNS does not know it`);
  expect(told).toEqual([]);
  await clock.advance(100_000);
  expect(told).toEqual(['unreachable: DNS does not know it']);
  adapter.loginResults.length = 0;
  await clock.advance(600_000);
  expect([told, accountTrouble(keeper.state)]).toEqual([['unreachable: DNS does not know it', 'works'], null]);
  await keeper.stop();
});
