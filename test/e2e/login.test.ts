import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import { matrixSetup } from '../../src/adapters/matrix/setup.ts';
import { makeAccount } from '../../src/command-line/new-account.ts';
import { directNetwork } from '../../src/http/network.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';
import { answering } from '../support/scripted-questions.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

let synapse: SynapseServer;
let bot: MatrixUser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lookout-login-'));
  synapse = await startSynapse('off');
  bot = await synapse.createUser('lookout');
});
afterAll(async () => {
  await synapse?.stop();
  rmSync(folder, { recursive: true });
});

const secretIn = (file: string) => readFileSync(join(folder, file), 'utf8').trim();

function logIn(replaces: boolean) {
  const questions = answering(synapse.url, bot.id, synapse.passwordOf(bot));
  const request = { platform: matrix, account: null, setup: matrixSetup, questions, given: {}, folder, replaces };
  return makeAccount(request, { environment: {}, terminal: { err() {} } });
}

it('logs a bot in on a real homeserver, with a token that works and a recovery key that stays', async () => {
  const { name, settings } = await logIn(false);
  const files = {
    token_file: 'matrix-token',
    recovery_key_file: 'matrix-recovery-key',
    store_key_file: 'matrix-store-key',
  };
  expect([name, settings]).toEqual([bot.id, { homeserver: synapse.url, ...files }]);
  const recoveryKey = secretIn('matrix-recovery-key');
  await logIn(true);
  expect(secretIn('matrix-recovery-key')).toBe(recoveryKey);

  const reader = await synapse.createUser('reader');
  const room = await reader.createRoom({ invite: [bot] });
  const secret = (value: string) => new Secret(value, 'the test');
  const inspection = await matrix.inspect(
    {
      ...{ homeserver: synapse.url, token: secret(secretIn('matrix-token')), refreshToken: null, clientId: null },
      ...{ invite: [], prefix: '!', storeKey: null, recoveryKey: secret(recoveryKey), encryptFor: 'signed_devices' },
    },
    {
      ...{ rooms: [room], joins: false, network: directNetwork, clock: systemClock, log: silentLog },
      ...{ stored: { tokens: async () => null, hasIdentity: async () => false }, signal: new AbortController().signal },
    },
  );
  expect(inspection?.account.text).toMatch(new RegExp(`^${bot.id}, device \\w+$`));
  expect(inspection?.rooms.get(room)?.[0]?.text).toContain(`is invited by ${reader.id}, and joins at the start`);
});
