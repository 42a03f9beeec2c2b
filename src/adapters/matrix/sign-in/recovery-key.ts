import { silentLog } from '../../../log.ts';
import { Secret } from '../../../secrets/secret.ts';
import type { NewSecret, SetupParts } from '../../setup.ts';
import { createHomeserverClient } from '../client.ts';
import { createRecoveryKey } from '../encryption/create-recovery-key.ts';
import { troubleOf } from '../trouble.ts';
import type { LoginTokens } from './tokens.ts';

export interface NewDevice {
  readonly homeserver: string;
  /** `@bot:example.org` */
  readonly account: string;
  readonly tokens: LoginTokens;
}

/**
 * Makes the recovery key of an account that has no keys of its own yet, so that its messages can be read in encrypted rooms whatever
 * becomes of the store. Null: it has keys, or there was no answer, which is said.
 */
export async function makeRecoveryKey(
  { homeserver, account, tokens }: NewDevice,
  { network, clock, signal, say }: SetupParts,
): Promise<NewSecret | null> {
  const client = createHomeserverClient({
    ...{ homeserver, network, clock, log: silentLog, requestTimeoutMs: 30_000 },
    ...{ token: new Secret(tokens.access, 'the login'), refreshToken: null, clientId: null },
    credentials: { load: async () => null, save: async () => {} },
  });
  const made = await createRecoveryKey({ client, account, signal });
  if (made.outcome !== 'made') {
    await client.close();
    const why =
      made.outcome === 'exists'
        ? `${account} has keys for encrypted rooms already: give their recovery key as recovery_key_file, if you use such rooms`
        : `No recovery key was made (${troubleOf(made.failure, homeserver).reason}); Lookout makes keys when it meets an encrypted room.`;
    say(why);
    return null;
  }
  return {
    key: 'recovery_key',
    value: made.recoveryKey,
    async activate() {
      try {
        const refused = await made.publish(tokens.password);
        if (refused === null) return null;
        return refused.kind === 'failed' ? troubleOf(refused.failure, homeserver).reason : refused.reason;
      } finally {
        await client.close();
      }
    },
  };
}
