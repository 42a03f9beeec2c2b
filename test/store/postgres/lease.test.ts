import { expect, it } from 'vitest';
import type { Connection } from '../../../src/store/postgres/connection.ts';
import { keepLease } from '../../../src/store/postgres/lease.ts';
import { countingSleep } from '../../../src/time/counting-sleep.ts';
import { createTestClock } from '../../support/test-clock.ts';

const address = { host: '127.0.0.1', port: 1, user: 'u', database: 'd', password: null, ssl: false } as const;
const held = { unit: 'leader', owner: 'me', epoch: 1 };

it('a lease that is being given away is not renewed again', async () => {
  const clock = createTestClock();
  const asked: string[] = [];
  const { promise: answer, resolve: answerEnd } = Promise.withResolvers<void>();
  const connection: Pick<Connection, 'query' | 'isBroken' | 'end'> = {
    isBroken: false,
    async query(sql) {
      const isRenewal = sql.includes('facts');
      asked.push(isRenewal ? 'renew' : 'end');
      if (!isRenewal) await answer;
      return { rows: [{ now: clock.wall() }], rowCount: 1, command: 'UPDATE' };
    },
    end: async () => void asked.push('closed'),
  };
  const lease = keepLease({
    ...{ clock, connection: connection as Connection, askedAt: clock.monotonic(), serverAheadMs: 0 },
    ...{ address, held },
  });
  await clock.advance(2_000);
  expect(asked).toEqual(['renew']);
  const released = lease.release();
  expect(lease.isHeld()).toBe(false);
  await clock.advance(3_000);
  answerEnd();
  await released;
  expect(asked).toEqual(['renew', 'end', 'closed']);
  expect(clock.pending).toBe(0);
});

it('a lease that is not renewed is given up before it ends, also if the machine slept for less than its clock notices', async () => {
  const clock = createTestClock();
  let sleptMs = 0;
  const connection: Pick<Connection, 'query' | 'isBroken' | 'end'> = {
    isBroken: false,
    query: () => Promise.reject(new Error('the cable is pulled')),
    end: async () => undefined,
  };
  const machine = countingSleep({ ...clock, wall: () => clock.wall() + sleptMs }, () => clock.monotonic() + sleptMs);
  const askedAt = machine.monotonic();
  const lease = keepLease({
    ...{ clock: machine, connection: connection as Connection, askedAt, serverAheadMs: 0, address, held },
  });
  await clock.advance(4_000);
  expect(lease.isHeld()).toBe(true);
  sleptMs = 999;
  await clock.advance(1_000);
  expect(clock.monotonic() + sleptMs - askedAt, 'the lease is not over for others').toBeLessThan(6_000);
  expect(lease.isHeld()).toBe(false);
  await lease.release();
  expect(clock.pending).toBe(0);
});
