import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { objectOf, textOf } from '../../../text/json.ts';
import type { Seeds } from './identity.ts';

/** AES-256-GCM's sizes, bytes (NIST SP 800-38D). */
const ivSize = 12;
const tagSize = 16;
const cipher = 'aes-256-gcm';

/** Writes private keys as they are stored: encrypted if there is a key, and for no other account. */
export function sealSeeds(seeds: readonly Seeds[], account: string, key: Uint8Array | null): string {
  if (key === null) return JSON.stringify({ seeds });
  const iv = randomBytes(ivSize);
  const sealing = createCipheriv(cipher, key, iv, { authTagLength: tagSize }).setAAD(Buffer.from(account));
  const sealed = Buffer.concat([sealing.update(JSON.stringify(seeds)), sealing.final()]);
  return JSON.stringify({ sealed: Buffer.concat([iv, sealed, sealing.getAuthTag()]).toString('base64') });
}

/** Reads what `sealSeeds` wrote; null: it was encrypted with another key. */
export function openSeeds(text: string, account: string, key: Uint8Array | null): readonly Seeds[] | null {
  const stored = objectOf(JSON.parse(text));
  const sealed = textOf(stored.sealed);
  if (sealed === null) return stored.seeds as readonly Seeds[];
  if (key === null) return null;
  const bytes = Buffer.from(sealed, 'base64');
  const opening = createDecipheriv(cipher, key, bytes.subarray(0, ivSize), { authTagLength: tagSize });
  opening.setAAD(Buffer.from(account)).setAuthTag(bytes.subarray(-tagSize));
  try {
    const opened = Buffer.concat([opening.update(bytes.subarray(ivSize, -tagSize)), opening.final()]);
    return JSON.parse(opened.toString()) as readonly Seeds[];
  } catch {
    return null;
  }
}

export const areSame = (one: Seeds, other: Seeds): boolean =>
  one.master === other.master && one.selfSigning === other.selfSigning && one.userSigning === other.userSigning;
