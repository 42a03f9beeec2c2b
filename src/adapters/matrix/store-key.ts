import { randomBytes } from 'node:crypto';
import type { Secret } from '../../secrets/secret.ts';

const keyBytes = 32;

/** Makes a key, in base64. */
export const newStoreKey = (): string => randomBytes(keyBytes).toString('base64');

/** Returns the bytes of a key that is written in hex, base64 or base64url; null: it does not have 32 of them. */
export function storeKeyBytes(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (!/^[\w+/-]+=*$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === keyBytes ? bytes : null;
}

/** Returns the bytes of the key in the configuration, which were checked; null: there is none. */
export const settingsStoreKey = (key: Secret | null): Uint8Array | null =>
  key === null ? null : storeKeyBytes(key.reveal());
