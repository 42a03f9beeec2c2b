import { afterEach, describe, expect, it } from 'vitest';
import { createMatrixAdapter } from '../../../src/adapters/matrix/matrix-adapter.ts';
import { matrixOptions } from '../../support/matrix-options.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

describe('logging in to Matrix', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  it('says who we are and on which device', async () => {
    rig = await startRig();
    expect(await rig.adapter.login(unhurried)).toEqual({
      outcome: 'ready',
      account: { id: '@bot:fake.test', device: 'FAKEDEVICE' },
    });
  });

  it('knows an account without a device', async () => {
    rig = await startRig();
    rig.homeserver.next(/whoami/, { status: 200, body: { user_id: '@service:fake.test' } });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ account: { id: '@service:fake.test', device: null } });
  });

  it('refuses a token that the homeserver does not know, and does not start to listen', async () => {
    rig = await startRig();
    rig.homeserver.revoke();
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'accountBroken' });
    expect(rig.homeserver.seen).toHaveLength(1);
  });

  it.each([
    ['is starting', { status: 503, headers: { 'retry-after': '9' } }, 9_000],
    ['limits us', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 4_000 } }, 4_000],
    ['is no homeserver', { status: 404, body: '<html>' }, 60_000],
    ['says nothing of use', { status: 200, body: { hello: 'world' } }, 60_000],
  ] as const)('tries again later where the server %s', async (_, answer, waitMs) => {
    rig = await startRig();
    rig.homeserver.next(/whoami/, answer);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later', waitMs });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
  });

  it('tries again later where nobody listens', async () => {
    rig = await startRig();
    await rig.homeserver.stopListening();
    expect(await rig.adapter.login(unhurried)).toMatchObject({
      outcome: 'later',
      reason: expect.stringContaining(`cannot reach ${rig.homeserver.url}`),
    });
  });

  it('listens once, however often it logs in', async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    await rig.adapter.login(unhurried);
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    await rig.adapter.resolve('#any:fake.test', unhurried);
    expect(rig.homeserver.seen.filter(({ query }) => query.get('timeout') === '0')).toHaveLength(1);
  });

  it('shows no password that stands in the URL of the homeserver', async () => {
    rig = await startRig();
    await rig.homeserver.stopListening();
    const adapter = createMatrixAdapter({
      ...matrixOptions(rig.homeserver.url.replace('//', '//user:hunter2@'), 't'),
      clock: createTestClock(),
    });
    const result = await adapter.login(unhurried);
    await adapter.stop();
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('knows no room and no message before it', async () => {
    rig = await startRig();
    expect(await rig.adapter.resolve('!a:b', unhurried)).toMatchObject({ outcome: 'later' });
    expect(await rig.adapter.find({ room: '!a:b', key: 'k', payload: '{}', since: 0 }, unhurried)).toMatchObject({
      outcome: 'later',
    });
    expect(rig.homeserver.seen).toEqual([]);
  });
});
