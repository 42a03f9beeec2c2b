import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/adapters/adapter.ts';
import { createMatrixAdapter } from '../../src/adapters/matrix/matrix-adapter.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { StoredTokens } from '../../src/store/credentials.ts';
import { matrixOptions } from '../support/matrix-options.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

const signal = new AbortController().signal;
const lifetimeMs = 2_000;
const device = 'LOOKOUTBOT';

describe('on a real homeserver whose access tokens end after two seconds', () => {
  let synapse: SynapseServer;
  let reader: MatrixUser;
  let room: string;
  let given: { readonly access: string; readonly refresh: string };
  let row: StoredTokens | null = null;

  beforeAll(async () => {
    synapse = await startSynapse('off', `${lifetimeMs / 1_000}s`);
    reader = await synapse.createUser('reader');
    const bot = await synapse.createUser('lookout');
    room = await reader.createRoom({ invite: [bot] });
    given = await synapse.logInForAWhile(bot, device);
  });

  afterAll(() => synapse?.stop());

  /** An adapter with the tokens of the configuration, and the store's row as it is. */
  async function withAdapter(run: (adapter: Adapter) => Promise<void>): Promise<void> {
    const adapter = createMatrixAdapter({
      ...matrixOptions(synapse.url, given.access),
      refreshToken: new Secret(given.refresh, 'the test'),
      credentials: {
        load: async () => row,
        async save(tokens) {
          row = tokens;
        },
      },
    });
    await run(adapter).finally(() => adapter.stop());
  }

  async function say(adapter: Adapter, text: string, key: string): Promise<string> {
    const payload = adapter.format(textMessage(text), key, room);
    const result = await adapter.send({ room, key, payload }, signal);
    if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
    return result.platformId;
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve, lifetimeMs + 500));

  it('messages go on over many ends of the token, on the same device, none twice', async () => {
    const rows: (string | undefined)[] = [];
    await withAdapter(async (adapter) => {
      expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready', account: { device } });
      expect(await adapter.resolve(room, signal)).toMatchObject({ outcome: 'resolved' });
      const first = await say(adapter, 'one', 'key0000000000000000001');
      for (let i = 0; i < 2; i++) {
        await pause();
        expect(await say(adapter, 'one', 'key0000000000000000001')).toBe(first);
        rows.push(row?.access);
      }
      await say(adapter, 'two', 'key0000000000000000002');
      expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready', account: { device } });
    });
    expect(new Set([given.access, ...rows]).size).toBe(3);
    expect((await reader.messages(room)).map(({ content }) => content.body)).toEqual(['one', 'two']);
  });

  it('a restart goes on with the stored tokens, also after a crash before the new ones were stored', async () => {
    await pause();
    // The answer to this refresh is lost with the process.
    const lost = await fetch(`${synapse.url}/_matrix/client/v3/refresh`, {
      method: 'POST',
      body: JSON.stringify({ refresh_token: row?.refresh }),
    });
    expect(lost.status).toBe(200);
    const before = row;
    await withAdapter(async (adapter) => {
      expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready', account: { device } });
    });
    expect(row?.refresh).not.toBe(before?.refresh);
  });

  it('a configuration without the store that belongs to it is told to log in anew', async () => {
    row = null;
    await pause();
    await withAdapter(async (adapter) => {
      expect(await adapter.login(signal)).toMatchObject({
        outcome: 'accountBroken',
        reason: expect.stringContaining('the refresh token was refused, too'),
      });
    });
  });
});
