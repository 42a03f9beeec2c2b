import type { Device } from '../../../store/encryption-state.ts';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';

/** The public keys of our device and our account that a homeserver has. */
export interface PublishedKeys {
  /** The device's public signing key (ed25519) in base64; null: it has no keys there. */
  readonly fingerprint: string | null;
  /** True if the device is signed by them. The homeserver checked the signature when it took it. */
  readonly isSigned: boolean;
  /** True if the account has keys that sign its devices. */
  readonly hasIdentity: boolean;
}

/** Reads an answer to `/keys/query`: https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3keysquery */
export function keysOf(body: JsonObject, { account, device }: Device): PublishedKeys {
  const own = objectOf(objectOf(objectOf(body.device_keys)[account])[device]);
  const [signer = null] = Object.keys(objectOf(objectOf(objectOf(body.self_signing_keys)[account]).keys));
  return {
    fingerprint: textOf(objectOf(own.keys)[`ed25519:${device}`]),
    isSigned: signer !== null && textOf(objectOf(objectOf(own.signatures)[account])[signer]) !== null,
    hasIdentity: objectOf(body.master_keys)[account] !== undefined,
  };
}
