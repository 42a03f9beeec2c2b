import { type Finding, no, note, ok } from '../inspection.ts';
import type { HomeserverClient } from './client.ts';
import { keysOf } from './encryption/published-keys.ts';
import type { Failure } from './exchange.ts';

export interface DeviceQuestion {
  readonly account: string;
  /** Null: the token is of no device. */
  readonly device: string | null;
  /** True if the account's own keys are at hand: the recovery key is configured, or the store has them. */
  readonly hasAccountKeys: boolean;
  /** True if the store keeps keys encrypted. */
  readonly hasStoreKey: boolean;
}

/**
 * Finds out, by what the homeserver shows to everybody, whether people will read what our device encrypts: their clients show
 * nothing of a device that is not signed by its account (https://spec.matrix.org/v1.18/client-server-api/#cross-signing).
 */
export async function inspectDevice(
  { account, device, hasAccountKeys, hasStoreKey }: DeviceQuestion,
  client: HomeserverClient,
  signal: AbortSignal,
): Promise<Finding | Failure> {
  if (device === null)
    return no(
      'the access token is of no device, and only a device can encrypt: `lookout login matrix` gets another one',
    );
  const body = JSON.stringify({ device_keys: { [account]: [] } });
  const known = await client.request({ method: 'POST', path: '/keys/query', body }, signal);
  if (known.kind !== 'ok') return known;
  const { hasIdentity, isSigned } = keysOf(known.body, { account, device });
  if (!hasIdentity)
    return note(
      `encrypted; the keys that sign the device are made at the start${hasStoreKey ? '' : ', and are in the store as they are, without chats.matrix.store_key'}`,
    );
  if (isSigned) return ok('encrypted; the device is signed, so clients show what it sends');
  return hasAccountKeys
    ? note('encrypted; the device is signed at the start')
    : no(
        `encrypted, and ${account} has keys that Lookout does not have: give its recovery key as chats.matrix.recovery_key`,
      );
}
