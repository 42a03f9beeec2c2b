import { objectOf } from '../../../text/json.ts';
import type { HomeserverClient } from '../client.ts';
import type { Failure } from '../exchange.ts';
import { loadLibrary } from './library.ts';
import { type Refusal, unusable } from './refusal.ts';

/** The private keys of an account's identity, with which it signs its devices: seeds in base64. */
export interface Seeds {
  readonly master: string;
  readonly selfSigning: string;
  readonly userSigning: string;
}

/** An identity that the homeserver does not know yet. */
export interface NewIdentity {
  readonly seeds: Seeds;
  /** Its public keys, as they are uploaded. */
  readonly upload: string;
}

/** Makes an identity, which belongs to no device yet. Sends nothing. */
export async function makeIdentity(account: string): Promise<NewIdentity> {
  const library = await loadLibrary();
  // The device is never published: its keys are forgotten here.
  const olm = await library.OlmMachine.initialize(new library.UserId(account), new library.DeviceId('NONE'));
  try {
    const made = await olm.bootstrapCrossSigning(true);
    const exported = await olm.exportCrossSigningKeys();
    const { masterKey: master, self_signing_key: selfSigning, userSigningKey: userSigning } = exported ?? {};
    if (master === undefined || selfSigning === undefined || userSigning === undefined)
      throw new Error('the encryption library did not give the keys that it made');
    return { seeds: { master, selfSigning, userSigning }, upload: made.uploadSigningKeysRequest.body };
  } finally {
    olm.close();
  }
}

export interface PublishOptions {
  readonly client: HomeserverClient;
  readonly account: string;
  /** The account's; null: it was not given. */
  readonly password: string | null;
  readonly signal: AbortSignal;
}

/**
 * Uploads the public keys of an identity. An account's first ones need no password (Synapse); later ones do, and some
 * homeservers want it at once. https://spec.matrix.org/v1.18/client-server-api/#user-interactive-authentication-api
 */
export async function publishIdentity(upload: string, options: PublishOptions): Promise<Refusal | null> {
  const { client, account, password, signal } = options;
  const path = '/keys/device_signing/upload';
  const first = await client.request({ method: 'POST', path, body: upload }, signal);
  if (first.kind === 'ok') return null;
  if (first.kind !== 'refused' || first.proof === undefined) return { kind: 'failed', failure: first };
  const { session, flows, approveAt } = first.proof;
  if (approveAt !== null)
    return unusable(`the homeserver wants you to allow it first: open ${approveAt}, then try again`);
  if (!flows.some((stages) => stages.length === 1 && stages[0] === 'm.login.password'))
    return unusable(
      `the homeserver wants a proof that Lookout cannot give (${flows.map((stages) => stages.join(' + ')).join(' or ')})`,
    );
  if (password === null) return { kind: 'unusable', reason: needsPassword(account), needs: 'password' };
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: account }, password, session };
  const body = JSON.stringify({ ...objectOf(JSON.parse(upload)), auth });
  const second = await client.request({ method: 'POST', path, body }, signal);
  if (second.kind === 'ok') return null;
  return isWrongPassword(second)
    ? unusable(`the homeserver does not take this password of ${account}`)
    : { kind: 'failed', failure: second };
}

const needsPassword = (account: string) =>
  `the homeserver wants the password of ${account} before it takes the keys that sign its devices: run "lookout matrix reset --password"`;

/** A wrong password is answered with 401 and the flows once more. */
const isWrongPassword = (failure: Failure) =>
  failure.kind === 'refused' && (failure.proof !== undefined || failure.code === 'M_FORBIDDEN');
