import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoginResult } from '../../../src/adapters/adapter.ts';
import { silentLog } from '../../../src/log.ts';
import { createAccountKeeper } from '../../../src/outbox/send/account.ts';
import { accountTrouble, connectionTrouble } from '../../../src/outbox/send/account-state.ts';
import { createScriptedAdapter } from '../../support/scripted-adapter.ts';
import { createTestClock } from '../../support/test-clock.ts';

it('an account that cannot log in says since when and why, and operators are told once after two minutes', async () => {
  const clock = createTestClock();
  const adapter = createScriptedAdapter();
  const told: string[] = [];
  const keeper = createAccountKeeper({
    ...{ id: 'matrix', adapter, clock, log: silentLog, sameUser: () => null },
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

it('a login of the adapter before counts for nothing when another one takes its place', async () => {
  const clock = createTestClock();
  const told: string[] = [];
  const answers = [Promise.withResolvers<LoginResult>(), Promise.withResolvers<LoginResult>()];
  let logins = 0;
  const adapter = { ...createScriptedAdapter(), login: () => answers[logins++]!.promise };
  const keeper = createAccountKeeper({
    ...{ id: 'matrix', adapter, clock, log: silentLog, sameUser: () => null },
    onBroken: (reason) => told.push(reason),
    onUnreachable: (reason) => told.push(reason),
    onWorks: () => told.push('works'),
  });
  keeper.start();
  await keeper.logInAgain(async () => {});
  answers[0]!.resolve({ outcome: 'accountBroken', reason: 'the token before is refused' });
  await clock.advance(0);
  expect([logins, keeper.state.state]).toEqual([2, 'loggingIn']);
  answers[1]!.resolve({ outcome: 'ready', account: { id: 'bot', device: null } });
  await clock.advance(0);
  expect([keeper.state.state, told]).toEqual(['ready', ['works']]);
  await keeper.stop();
});

it('the connections that are down are named, but not all of many', () => {
  const some = (down: number) => Array.from({ length: 16 }, (_, id) => ({ name: `shard ${id}`, isUp: id >= down }));
  expect(connectionTrouble([])).toBeNull();
  expect(connectionTrouble(some(0))).toBeNull();
  expect(connectionTrouble(some(2))).toBe('reads no commands on shard 0, shard 1 (of 16)');
  expect(connectionTrouble(some(7))).toBe(
    'reads no commands on shard 0, shard 1, shard 2, shard 3, shard 4 and 2 more (of 16)',
  );
});

describe('opening rooms', () => {
  const other = { id: 'another user', device: null };
  const clock = createTestClock();
  const nothing = () => {};
  const start = async () => {
    const keeper = createAccountKeeper({
      ...{ id: 'matrix', adapter: createScriptedAdapter(), clock, log: silentLog, sameUser: () => null },
      ...{ onBroken: nothing, onUnreachable: nothing, onWorks: nothing },
    });
    keeper.start();
    await clock.advance(0);
    onTestFinished(() => keeper.stop());
    if (keeper.state.state !== 'ready') throw new Error('not logged in');
    return { keeper, account: keeper.state.account };
  };
  const { signal } = new AbortController();

  it('of many at a start a part is opened at the same time, so that messages do not wait behind all of them', async () => {
    const { keeper, account } = await start();
    let [open, most] = [0, 0];
    const answer = Promise.withResolvers<void>();
    const opened = Promise.all(
      Array.from({ length: 200 }, (_, room) =>
        keeper.openRoom(
          async () => {
            most = Math.max(most, ++open);
            await answer.promise;
            open--;
            return room;
          },
          { account, hadTrouble: false, signal },
        ),
      ),
    );
    await clock.advance(0);
    expect(most).toBe(48);
    answer.resolve();
    expect([await opened.then((rooms) => rooms.at(-1)), most]).toEqual([199, 48]);
  });

  it('rooms of a server that does not answer keep no others waiting', async () => {
    const { keeper, account } = await start();
    const never = new Promise<never>(() => {});
    for (let room = 0; room < 100; room++) void keeper.openRoom(() => never, { account, hadTrouble: true, signal });
    expect(await keeper.openRoom(async () => 'good', { account, hadTrouble: false, signal })).toBe('good');
  });

  it('a room that ends does not wait for its turn', async () => {
    const { keeper, account } = await start();
    const never = new Promise<never>(() => {});
    for (let room = 0; room < 48; room++) void keeper.openRoom(() => never, { account, hadTrouble: false, signal });
    const stopping = new AbortController();
    const opened = keeper.openRoom(async () => 'opened', { account, hadTrouble: false, signal: stopping.signal });
    stopping.abort();
    expect(await opened).toBeNull();
  });

  it('what was found for another user counts for nothing', async () => {
    const { keeper } = await start();
    const found = keeper.openRoom(async () => 'found', { account: other, hadTrouble: false, signal });
    expect(await found).toBeNull();
  });
});
