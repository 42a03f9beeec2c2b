import { objectOf } from '../../../text/json.ts';
import type { HomeserverClient } from '../client.ts';
import type { Machine } from './machine.ts';
import { type Refusal, refusalOf, unusable } from './refusal.ts';
import type { MachineRequests } from './requests.ts';

export interface TrustOptions {
  readonly machine: Machine;
  readonly requests: MachineRequests;
  readonly client: HomeserverClient;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that our device is signed by our account: clients show nothing of a device that is not
 * (https://spec.matrix.org/v1.18/client-server-api/#cross-signing). Null: it is.
 */
export async function signDevice(options: TrustOptions): Promise<Refusal | null> {
  const { machine, requests, client, signal } = options;
  const { account } = machine.device;
  const body = JSON.stringify({ device_keys: { [account]: [] } });
  // What the homeserver itself has: the machine also counts keys that were never uploaded.
  const known = await client.request({ method: 'POST', path: '/keys/query', body }, signal);
  if (known.kind !== 'ok') return { kind: 'failed', failure: known };
  if (objectOf(known.body.master_keys)[account] === undefined) return bootstrap(options);
  const query = machine.library;
  const users = machine.users([account]);
  const request = await machine.call('own keys', async (olm) => olm.queryKeysForUsers(users));
  const failure = await requests.make(request, signal);
  if (failure !== null) return refusalOf(failure);
  const status = await machine.call('cross-signing', (olm) => olm.crossSigningStatus());
  if (!status.hasSelfSigning)
    return unusable(
      `${account} has cross-signing keys that Lookout does not have: give its recovery key as chats.matrix.recovery_key`,
    );
  const device = await machine.call('own device', (olm) =>
    olm.getDevice(new query.UserId(account), new query.DeviceId(machine.device.device)),
  );
  if (device === undefined || device.isCrossSignedByOwner()) return null;
  const signature = await machine.call('signing', () => device.verify());
  return refusalOf(await requests.make(signature, signal));
}

/** Makes the account's first keys; the homeserver takes them without a password. */
async function bootstrap({ machine, requests, client, signal }: TrustOptions): Promise<Refusal | null> {
  const { hasMaster } = await machine.call('cross-signing', (olm) => olm.crossSigningStatus());
  // After a crash in between the same keys are uploaded again.
  const made = await machine.call('cross-signing keys', (olm) => olm.bootstrapCrossSigning(!hasMaster));
  await machine.commit();
  if (made.uploadKeysRequest) {
    const failure = await requests.make(made.uploadKeysRequest, signal);
    if (failure !== null) return refusalOf(failure);
  }
  for (const [path, body] of [
    ['/keys/device_signing/upload', made.uploadSigningKeysRequest.body],
    ['/keys/signatures/upload', made.uploadSignaturesRequest.body],
  ] as const) {
    const exchange = await client.request({ method: 'POST', path, body }, signal);
    if (exchange.kind !== 'ok') return { kind: 'failed', failure: exchange };
  }
  return null;
}
