import { randomBytes } from 'node:crypto';
import { objectOf } from '../../../text/json.ts';
import type { HomeserverClient } from '../client.ts';
import type { Failure } from '../exchange.ts';
import { makeIdentity, publishIdentity } from './identity.ts';
import type { Refusal } from './refusal.ts';
import { writeSecrets } from './secret-storage.ts';

export interface RecoveryKeyOptions {
  readonly client: HomeserverClient;
  /** `@bot:example.org` */
  readonly account: string;
  readonly signal: AbortSignal;
}

export type RecoveryKeyMade =
  | {
      readonly outcome: 'made';
      /** As people write it: `EsTc 5F2c …`. */
      readonly recoveryKey: string;
      /**
       * Makes the key the account's. Call it when `recoveryKey` is in its file: after that no device of the account can be signed
       * without it. `password`: some homeservers want it. Null: done.
       */
      publish(password: string | null): Promise<Refusal | null>;
    }
  /** The account has keys that sign its devices: another client has, or showed, their recovery key. */
  | { readonly outcome: 'exists' }
  | { readonly outcome: 'failed'; readonly failure: Failure };

/**
 * Gives an account, which has none yet, an identity that signs its devices, and a recovery key with which Lookout gets the identity on
 * every machine, with an empty store too. Until `publish` nothing changes for anybody.
 */
export async function createRecoveryKey(options: RecoveryKeyOptions): Promise<RecoveryKeyMade> {
  const { client, account, signal } = options;
  const body = JSON.stringify({ device_keys: { [account]: [] } });
  const known = await client.request({ method: 'POST', path: '/keys/query', body }, signal);
  if (known.kind !== 'ok') return { outcome: 'failed', failure: known };
  if (objectOf(known.body.master_keys)[account] !== undefined) return { outcome: 'exists' };
  const { seeds, upload } = await makeIdentity(account);
  const { bytes: key, text } = await newRecoveryKey();
  return {
    outcome: 'made',
    recoveryKey: text,
    async publish(password) {
      // The secrets first: an identity whose secrets are lost is of no use.
      const failure = await writeSecrets(seeds, key, options);
      return failure === null
        ? publishIdentity(upload, { client, account, password, signal })
        : { kind: 'failed', failure };
    },
  };
}

/** Makes a recovery key, which is of no account yet. */
export async function newRecoveryKey(): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly text: string }> {
  const { encodeRecoveryKey } = await import('matrix-js-sdk/lib/crypto-api/recovery-key.js');
  const bytes = Uint8Array.from(randomBytes(32));
  return { bytes, text: encodeRecoveryKey(bytes) ?? '' };
}
