import type { Device } from '../../../store/encryption-state.ts';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';

/** What a homeserver has of our device and our account. */
export interface PublishedKeys {
  /** The device's public signing key (ed25519) in base64; null: it has no keys there. */
  readonly fingerprint: string | null;
  /** True if the account has keys that sign its devices. */
  readonly hasIdentity: boolean;
}

/** Reads an answer to `/keys/query`: https://spec.matrix.org/v1.18/client-server-api/#post_matrixclientv3keysquery */
export function keysOf(body: JsonObject, { account, device }: Device): PublishedKeys {
  const keys = objectOf(objectOf(objectOf(body.device_keys)[account])[device]).keys;
  return {
    fingerprint: textOf(objectOf(keys)[`ed25519:${device}`]),
    hasIdentity: objectOf(body.master_keys)[account] !== undefined,
  };
}
