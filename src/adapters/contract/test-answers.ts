import type { SendResult } from '../adapter.ts';
import { faults } from './harness.ts';
import { newKey, says, type Trial } from './trial.ts';

/** Tests what an adapter makes of each answer, and of none. */
export function testAnswers(trial: Trial): void {
  const { it, expect, cannot, where, send, sendInto, results } = trial;

  where('badRequest', 'rejects what the platform will never take, and goes on', async () => {
    expect(await sendInto('badRequest')).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/./) });
    expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
  });

  where('unauthorized', 'knows a broken account', async () => {
    expect(await sendInto('unauthorized')).toMatchObject({ outcome: 'accountBroken' });
  });

  where('forbidden', 'knows a room in which it may not speak', async () => {
    expect(await sendInto('forbidden')).toMatchObject({ outcome: 'roomBroken' });
  });

  where('missing', 'knows a room that is not there', async () => {
    expect(await sendInto('missing')).toMatchObject({ outcome: 'roomBroken' });
  });

  where('limited', 'waits as long as the platform asked', async () => {
    const result = await sendInto('limited');
    expect(result.outcome).toBe('notAccepted');
    const { waitMs } = result as SendResult & { outcome: 'notAccepted' };
    expect(waitMs).toBeGreaterThanOrEqual(trial.harness.limitedForMs);
    expect(waitMs).toBeLessThan(trial.harness.limitedForMs + 2_000);
    expect(await trial.harness.shown()).toEqual([]);
  });

  where('limitedWithoutWait', 'waits a second at least where the platform does not say how long', async () => {
    const result = await sendInto('limitedWithoutWait');
    expect(result.outcome).toBe('notAccepted');
    expect((result as SendResult & { outcome: 'notAccepted' }).waitMs).toBeGreaterThanOrEqual(1_000);
  });

  where('serverError', 'does not know what a failing platform did', async () => {
    const result = await sendInto('serverError');
    expect(result.outcome).toBe('unknown');
    expect((result as SendResult & { outcome: 'unknown' }).waitMs).toBeGreaterThan(0);
  });

  where('timeout', 'does not know what a silent platform did', async () => {
    expect(await sendInto('timeout')).toMatchObject({ outcome: 'unknown' });
  });

  where('refused', 'knows that nothing happened where no connection was made', async () => {
    expect(await sendInto('refused')).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
  });

  where('lostAfterWriting', 'shows a message once whose answer was lost', async () => {
    const key = newKey();
    expect(await sendInto('lostAfterWriting', says('once'), key)).toMatchObject({ outcome: 'unknown' });
    if (cannot.repeatByKey !== undefined) return;
    expect(await send(says('once'), key)).toMatchObject({ outcome: 'sent' });
    expect(await trial.harness.shown()).toHaveLength(1);
  });

  it('answers an aborted send without throwing', async () => {
    const { adapter, room } = trial.harness;
    const key = newKey();
    const payload = adapter.format(says('too late'), key, room);
    const result = await adapter.send({ room, key, payload }, AbortSignal.abort());
    expect(['unknown', 'sent']).toContain(result.outcome);
  });

  it('leaks no secret, whatever happens', async () => {
    for (const fault of faults) {
      if (cannot[fault] !== undefined) continue;
      await sendInto(fault).catch((error: unknown) => results.push(error));
    }
    expect(results.length).toBe(faults.filter((fault) => cannot[fault] === undefined).length);
    // The output is compared with the secret after every test.
  });
}
