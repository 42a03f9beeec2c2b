import { expect, it } from 'vitest';
import type { Connection } from '../../../src/store/postgres/connection.ts';
import { keepLease } from '../../../src/store/postgres/lease.ts';
import { createTestClock } from '../../support/test-clock.ts';

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
    address: { host: '127.0.0.1', port: 1, user: 'u', database: 'd', password: null, ssl: false },
    held: { unit: 'leader', owner: 'me', epoch: 1 },
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
