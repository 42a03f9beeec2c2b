import type { Secret } from '../../../secrets/secret.ts';
import { objectOf } from '../../../text/json.ts';
import type { EncryptionStore } from '../../platform.ts';
import type { Call, HomeserverClient } from '../client.ts';
import { publishIdentity, type Seeds } from './identity.ts';
import type { Machine } from './machine.ts';
import { keysOf, type PublishedKeys } from './published-keys.ts';
import { type Refusal, refusalOf, unusable } from './refusal.ts';
import type { MachineRequests } from './requests.ts';
import { readSecrets } from './secret-storage.ts';
import { areSame, openSeeds, sealSeeds } from './seeds.ts';

export interface TrustOptions {
  readonly machine: Machine;
  readonly requests: MachineRequests;
  readonly client: HomeserverClient;
  readonly store: Pick<EncryptionStore, 'loadIdentity' | 'saveIdentity' | 'forgetOtherDevices'>;
  /** Encrypts the private keys in the store; null: they are there as they are. */
  readonly storeKey: Uint8Array | null;
  /** Unlocks the keys that another client made; null: it was not given. */
  readonly recoveryKey: Secret | null;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that our device is signed by our account: clients show nothing of a device that is not
 * (https://spec.matrix.org/v1.18/client-server-api/#cross-signing). Null: it is. Until then nothing of ours may be uploaded: a
 * homeserver takes keys that contradict those it has (Synapse 1.163), and other people's clients believe neither from then on.
 * After a crash at any place it goes on from there.
 */
export async function signDevice(options: TrustOptions): Promise<Refusal | null> {
  // What the homeserver itself has: the machine also counts keys that were never uploaded.
  const known = await askPublished(options);
  if ('failed' in known) return known.failed;
  const refused =
    (await contradiction(known, options)) ??
    (await (known.hasIdentity ? obtainIdentity(options) : bootstrap(options))) ??
    (await signOwn(options));
  if (refused !== null) return refused;
  await keepSeeds(options, 'published');
  await options.store.forgetOtherDevices(options.machine.device);
  return null;
}

async function askPublished({ machine, client, signal }: TrustOptions): Promise<PublishedKeys | { failed: Refusal }> {
  const { account, device } = machine.device;
  const body = JSON.stringify({ device_keys: { [account]: [] } });
  const answer = await client.request({ method: 'POST', path: '/keys/query', body }, signal);
  if (answer.kind !== 'ok') return { failed: { kind: 'failed', failure: answer } };
  return keysOf(answer.body, { account, device });
}

/** The homeserver has other keys of our device than we: those were lost here, or somebody else uses the token. */
async function contradiction(known: PublishedKeys, { machine }: TrustOptions): Promise<Refusal | null> {
  if (known.fingerprint === null) return null;
  const own = await machine.call('identity keys', async (olm) => olm.identityKeys.ed25519.toBase64());
  if (known.fingerprint === own) return null;
  const { account, device } = machine.device;
  return unusable(
    `the encryption keys of ${account}'s device ${device} are not in this store: it is a new or another one, and the access token is an old one. Log the bot in anew (lookout login matrix), for a token of a new device; or bring the old store back`,
  );
}

/** Makes the account's first keys; most homeservers take them without a password. */
async function bootstrap(options: TrustOptions): Promise<Refusal | null> {
  const { machine, requests, client, signal } = options;
  const { hasMaster } = await machine.call('cross-signing', (olm) => olm.crossSigningStatus());
  // After a crash in between the same keys are uploaded again.
  const made = await machine.call('cross-signing keys', (olm) => olm.bootstrapCrossSigning(!hasMaster));
  await machine.commit();
  await keepSeeds(options, 'unpublished');
  if (made.uploadKeysRequest) {
    const failure = await requests.make(made.uploadKeysRequest, signal);
    if (failure !== null) return refusalOf(failure);
  }
  const { account } = machine.device;
  const upload = made.uploadSigningKeysRequest.body;
  const refused = await publishIdentity(upload, { client, account, password: null, signal });
  // An identity that came meanwhile is wanted a proof for: it may be one that we made.
  const isThere = refused !== null && 'needs' in refused && (await hasIdentity(options));
  if (isThere) return obtainIdentity(options);
  return refused ?? uploadSignatures(made.uploadSignaturesRequest.body, requests, signal);
}

async function hasIdentity(options: TrustOptions): Promise<boolean> {
  const known = await askPublished(options);
  return !('failed' in known) && known.hasIdentity;
}

/** Gets the private keys of the identity that the account has: our own, those of our former device, those behind the recovery key. */
async function obtainIdentity(options: TrustOptions): Promise<Refusal | null> {
  const { machine, store, storeKey, recoveryKey, signal, client } = options;
  const { account } = machine.device;
  const failure = await queryOwnKeys(options);
  if (failure !== null) return failure;
  // Keys that are not those of the account any more were dropped by the query.
  const { hasSelfSigning } = await machine.call('cross-signing', (olm) => olm.crossSigningStatus());
  if (hasSelfSigning) return null;
  const stored = await store.loadIdentity(account);
  for (const seeds of stored === null ? [] : (openSeeds(stored, account, storeKey) ?? []))
    if (await isTaken(seeds, machine)) return null;
  if (recoveryKey === null) return unusable(needsRecoveryKey(account));
  recoveryKey.readAgain();
  const read = await readSecrets(recoveryKey.reveal(), { client, account, signal });
  if (read.outcome === 'failed') return { kind: 'failed', failure: read.failure };
  if (read.outcome === 'unusable') return unusable(`${read.reason} (chats.matrix.recovery_key)`);
  return (await isTaken(read.seeds, machine)) ? null : unusable(otherIdentity(account));
}

const needsRecoveryKey = (account: string) =>
  `${account} has keys that sign its devices, and Lookout does not have them: give its recovery key as chats.matrix.recovery_key. If it is lost, "lookout matrix reset" makes new keys`;

const otherIdentity = (account: string) =>
  `what the recovery key opens does not fit the keys of ${account} any more: another client replaced them. Set recovery up anew there (Element: Settings, Encryption), and give the new key as chats.matrix.recovery_key`;

/** Gives the machine private keys. Returns false if they are not those of the account's identity. */
async function isTaken({ master, selfSigning, userSigning }: Seeds, machine: Machine): Promise<boolean> {
  const status = await machine.call('importing keys', (olm) =>
    olm.importCrossSigningKeys(master, selfSigning, userSigning).catch(() => null),
  );
  await machine.commit();
  return status?.hasSelfSigning ?? false;
}

/** Signs our device, if it is not. */
async function signOwn(options: TrustOptions): Promise<Refusal | null> {
  const { machine, requests, signal } = options;
  // The keys of a device have to be there before their signature.
  const refused = (await queryOwnKeys(options)) ?? refusalOf(await requests.pump(signal));
  if (refused !== null) return refused;
  const signature = await signatureOf(machine);
  if (signature === null) return null;
  const failed = (await uploadSignatures(signature, requests, signal)) ?? (await queryOwnKeys(options));
  if (failed !== null) return failed;
  return (await signatureOf(machine)) === null
    ? null
    : unusable('the homeserver took the signature of our device, and does not show it');
}

/** Signs our device. Null: it is signed already. */
async function signatureOf(machine: Machine): Promise<string | null> {
  const { UserId, DeviceId } = machine.library;
  const { account, device: id } = machine.device;
  const device = await machine.call('own device', (olm) => olm.getDevice(new UserId(account), new DeviceId(id)));
  if (device === undefined) throw new Error('the encryption library does not know our own device');
  try {
    if (device.isCrossSignedByOwner()) return null;
    const signature = await machine.call('signing', () => device.verify());
    await machine.commit();
    return signature.body;
  } finally {
    // Else it keeps the databases open, which then cannot be deleted.
    device.free();
  }
}

async function uploadSignatures(body: string, requests: MachineRequests, signal: AbortSignal): Promise<Refusal | null> {
  const call: Call = { method: 'POST', path: '/keys/signatures/upload', body };
  const answer = await requests.ask(call, signal);
  if (answer.kind !== 'ok') return { kind: 'failed', failure: answer };
  // It says 200 also if it took none of them.
  return Object.keys(objectOf(answer.body.failures)).length === 0
    ? null
    : unusable('the homeserver does not take the signature of our device');
}

async function queryOwnKeys({ machine, requests, signal }: TrustOptions): Promise<Refusal | null> {
  const users = machine.users([machine.device.account]);
  const request = await machine.call('own keys', async (olm) => olm.queryKeysForUsers(users));
  return refusalOf(await requests.make(request, signal));
}

/** Keeps the private keys for the account's next device. Until they are published, former ones stay beside them. */
async function keepSeeds(
  { machine, store, storeKey }: TrustOptions,
  which: 'published' | 'unpublished',
): Promise<void> {
  const { account } = machine.device;
  const exported = await machine.call('exporting keys', (olm) => olm.exportCrossSigningKeys());
  const { masterKey: master, self_signing_key: selfSigning, userSigningKey: userSigning } = exported ?? {};
  if (master === undefined || selfSigning === undefined || userSigning === undefined) return;
  const seeds = { master, selfSigning, userSigning };
  const stored = await store.loadIdentity(account);
  const known = stored === null ? [] : (openSeeds(stored, account, storeKey) ?? []);
  const former = known.filter((one) => !areSame(one, seeds));
  const isSealed = stored?.startsWith('{"sealed"') ?? false;
  if (known.length === 1 && former.length === 0 && isSealed === (storeKey !== null)) return;
  const kept = which === 'published' ? [seeds] : [seeds, ...former];
  await store.saveIdentity(account, sealSeeds(kept, account, storeKey));
}
