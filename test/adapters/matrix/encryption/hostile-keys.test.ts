import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryEncryption } from '../../../../src/adapters/contract/memory-encryption.ts';
import { Machine } from '../../../../src/adapters/matrix/encryption/machine.ts';
import { MachineRequests } from '../../../../src/adapters/matrix/encryption/requests.ts';
import { createTestClock } from '../../../support/test-clock.ts';
import { unhurried } from '../rig.ts';

const device = { account: '@bot:fake.test', device: 'BOT' };
const good = '@good:fake.test';
const odd = [
  null,
  'x',
  7,
  [],
  { D: 'x' },
  { D: [] },
  { D: { nocolon: {} } },
  { D: { 'curve25519:A': 'x' } },
  { '': {} },
];

describe('an answer about keys of another server’s users, in no form of the specification', () => {
  let machine: Machine;
  const ended: string[] = [];
  let answers: Readonly<Record<string, unknown>>;
  let requests: MachineRequests;

  beforeEach(async () => {
    answers = {};
    const clock = createTestClock();
    machine = await Machine.open({
      ...{ device, store: createMemoryEncryption(), key: null, clock },
      end: (reason) => ended.push(reason),
    });
    requests = new MachineRequests(machine, {
      request: async ({ path }) => ({ kind: 'ok', body: { ...(answers[path] as object | undefined) } }),
      close: async () => {},
    });
    answers = { '/keys/upload': { one_time_key_counts: { signed_curve25519: 50 } } };
    expect(await requests.pump(unhurried)).toBeNull();
  });
  afterEach(() => machine.close());

  it.each(odd.map((value) => [JSON.stringify(value), value]))(
    'does not stop the others: device keys %s',
    async (_, of) => {
      const users = [good, '@evil:evil.test'];
      const keys = { '@evil:evil.test': of, 'no user at all': {}, '': null, __proto__x: of };
      answers = {
        ...answers,
        '/keys/query': {
          device_keys: { [device.account]: {}, [good]: {}, ...keys },
          master_keys: keys,
          self_signing_keys: keys,
          user_signing_keys: keys,
        },
      };
      await machine.call('tracked users', (olm) => olm.updateTrackedUsers(machine.users(users)));
      expect(await requests.pump(unhurried)).toBeNull();
      expect(await machine.call('requests', (olm) => olm.outgoingRequests())).toEqual([]);
    },
  );

  it('leaves out members whose ids are none', () => {
    const ids = ['no user', '@', '@a', `@${'a'.repeat(300)}:b.c`, '@a\0:b.c', good];
    expect(machine.users(ids).map(String)).toEqual([good]);
  });

  it('is a failure, not an exception, if the library takes nothing of it', async () => {
    answers = { ...answers, '/keys/query': { device_keys: 7, failures: 7 } };
    await machine.call('tracked users', (olm) => olm.updateTrackedUsers(machine.users([good])));
    const failure = await requests.pump(unhurried);
    expect(failure === null || failure.kind === 'unanswered').toBe(true);
  });

  it('says what to do when the homeserver takes no keys of an older store', async () => {
    const older = await Machine.open({
      ...{ device, store: createMemoryEncryption(), key: null, clock: createTestClock(), end: () => {} },
    });
    const refused = {
      kind: 'refused',
      status: 400,
      code: 'M_UNKNOWN',
      text: 'One time key already exists',
      retryAfterMs: null,
    } as const;
    const refusing = new MachineRequests(older, { request: async () => refused, close: async () => {} });
    const failure = await refusing.pump(unhurried);
    expect(failure).toMatchObject({ status: 400, text: expect.stringContaining('log the bot in anew') });
    await older.close();
  });

  it('leaves no time limit behind when a call throws at once', async () => {
    const clock = createTestClock();
    const reasons: string[] = [];
    const other = await Machine.open({
      ...{ device, store: createMemoryEncryption(), key: null, clock },
      end: (reason) => reasons.push(reason),
    });
    const call = other.call('a mistake', () => {
      throw new Error('null pointer passed to rust');
    });
    await expect(call).rejects.toThrow('null pointer');
    await clock.advance(200_000);
    expect(reasons).toEqual([]);
    await other.close();
  });
});
