import { randomBytes } from 'node:crypto';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';
import type { Call, HomeserverClient } from '../client.ts';
import type { Exchange, Failure } from '../exchange.ts';
import { readRecoveryKey } from '../recovery-key.ts';
import type { Seeds } from './identity.ts';

/** The secrets that an account keeps at its homeserver, encrypted with its recovery key: https://spec.matrix.org/v1.18/client-server-api/#storage */
export interface SecretStorageOptions {
  readonly client: HomeserverClient;
  readonly account: string;
  readonly signal: AbortSignal;
}

export type SecretsRead =
  | { readonly outcome: 'read'; readonly seeds: Seeds }
  /** Somebody must do something: `reason` says what. */
  | { readonly outcome: 'unusable'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly failure: Failure };

const algorithm = 'm.secret_storage.v1.aes-hmac-sha2';
const defaultKey = 'm.secret_storage.default_key';
const keyType = (id: string) => `m.secret_storage.key.${id}`;
const secretTypes = {
  master: 'm.cross_signing.master',
  selfSigning: 'm.cross_signing.self_signing',
  userSigning: 'm.cross_signing.user_signing',
} as const;
const names = ['master', 'selfSigning', 'userSigning'] as const;

const unusable = (reason: string): SecretsRead => ({ outcome: 'unusable', reason });

/** Reads the keys that sign the account's devices. `text`: the recovery key as written. */
export async function readSecrets(text: string, options: SecretStorageOptions): Promise<SecretsRead> {
  const key = readRecoveryKey(text);
  if ('wrong' in key) return unusable(`the recovery key ${key.wrong}`);
  const found = await findKey(key.bytes, options);
  if ('outcome' in found) return found;
  const seeds: Record<string, string> = {};
  for (const name of names) {
    const type = secretTypes[name];
    const data = await accountData(type, options);
    if ('kind' in data) return { outcome: 'failed', failure: data };
    const item = objectOf(objectOf(data.content.encrypted)[found.id]);
    const seed = await decrypt(item, key.bytes, type);
    if (seed === null)
      return unusable(
        `the recovery key is right, but the account does not keep ${type} with it: set recovery up anew in the other client (Element: Settings, Encryption), and give the new key`,
      );
    seeds[name] = seed;
  }
  return { outcome: 'read', seeds: seeds as unknown as Seeds };
}

/** Keeps the keys that sign the account's devices. `key`: the 32 bytes of a recovery key. */
export async function writeSecrets(
  seeds: Seeds,
  key: Uint8Array<ArrayBuffer>,
  options: SecretStorageOptions,
): Promise<Failure | null> {
  const { calculateKeyCheck } = await import('matrix-js-sdk/lib/secret-storage.js');
  const { default: encrypt } = await import('matrix-js-sdk/lib/utils/encryptAESSecretStorageItem.js');
  const found = await findKey(key, options);
  if ('outcome' in found && found.outcome === 'failed') return found.failure;
  const isNew = 'outcome' in found;
  const id = isNew ? randomBytes(24).toString('base64url') : found.id;
  const { iv, mac } = await calculateKeyCheck(key);
  if (isNew) {
    const failure = await putAccountData(keyType(id), { algorithm, iv, mac }, options);
    if (failure !== null) return failure;
  }
  for (const name of names) {
    const type = secretTypes[name];
    const encrypted = { [id]: await encrypt(seeds[name], key, type) };
    const failure = await putAccountData(type, { encrypted }, options);
    if (failure !== null) return failure;
  }
  // Last: until then clients use what was there before.
  return putAccountData(defaultKey, { key: id }, options);
}

/** Returns true if the account keeps the keys that sign its devices behind a recovery key. */
export async function hasSecretStorage(options: SecretStorageOptions): Promise<boolean | Failure> {
  const [chosen, master] = [await accountData(defaultKey, options), await accountData(secretTypes.master, options)];
  if ('kind' in chosen) return chosen;
  if ('kind' in master) return master;
  const id = textOf(chosen.content.key);
  return id !== null && objectOf(master.content.encrypted)[id] !== undefined;
}

/** Finds the id of a key: the account's default one, if the recovery key is that. */
async function findKey(
  key: Uint8Array<ArrayBuffer>,
  options: SecretStorageOptions,
): Promise<{ readonly id: string } | Exclude<SecretsRead, { outcome: 'read' }>> {
  const none = { outcome: 'unusable', reason: noStorage } as const;
  const chosen = await accountData(defaultKey, options);
  if ('kind' in chosen) return { outcome: 'failed', failure: chosen };
  const id = textOf(chosen.content.key);
  if (id === null) return none;
  const info = await accountData(keyType(id), options);
  if ('kind' in info) return { outcome: 'failed', failure: info };
  const { iv, mac, algorithm: used } = info.content;
  if (used !== algorithm) return none;
  // Without a check value each key is taken: the secrets say if it is right.
  if (typeof iv !== 'string' || typeof mac !== 'string') return { id };
  const { calculateKeyCheck } = await import('matrix-js-sdk/lib/secret-storage.js');
  // The account's data may hold anything.
  const check = await calculateKeyCheck(key, iv).catch(() => null);
  if (check === null) return none;
  const bare = (text: string) => text.replace(/=+$/, '');
  return bare(check.mac) === bare(mac) ? { id } : { outcome: 'unusable', reason: otherKey(options.account) };
}

const noStorage =
  'the account has no recovery: set it up in the client that made its keys (Element: Settings, Encryption), and give the key that it shows';

const otherKey = (account: string) =>
  `the recovery key is not the one of ${account}: it is another account's, or was replaced by a newer one`;

/** Null: it is not there, or was encrypted with another key. */
async function decrypt(item: JsonObject, key: Uint8Array<ArrayBuffer>, name: string): Promise<string | null> {
  const { iv, ciphertext, mac } = item;
  if (typeof iv !== 'string' || typeof ciphertext !== 'string' || typeof mac !== 'string') return null;
  const { default: decryptItem } = await import('matrix-js-sdk/lib/utils/decryptAESSecretStorageItem.js');
  return decryptItem({ iv, ciphertext, mac }, key, name).catch(() => null);
}

const callOf = (method: 'GET' | 'PUT', type: string, { account }: SecretStorageOptions): Call => ({
  method,
  path: `/user/${encodeURIComponent(account)}/account_data/${encodeURIComponent(type)}`,
});

/** Empty if there is none. */
async function accountData(
  type: string,
  options: SecretStorageOptions,
): Promise<{ readonly content: JsonObject } | Failure> {
  const exchange: Exchange = await options.client.request(callOf('GET', type, options), options.signal);
  if (exchange.kind === 'ok') return { content: exchange.body };
  return exchange.kind === 'refused' && exchange.code === 'M_NOT_FOUND' ? { content: {} } : exchange;
}

async function putAccountData(
  type: string,
  content: JsonObject,
  options: SecretStorageOptions,
): Promise<Failure | null> {
  const call = { ...callOf('PUT', type, options), body: JSON.stringify(content) };
  const exchange = await options.client.request(call, options.signal);
  return exchange.kind === 'ok' ? null : exchange;
}
