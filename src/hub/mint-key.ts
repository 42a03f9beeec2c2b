import { randomBytes } from 'node:crypto';
import { Secret } from '../secrets/secret.ts';

/** Returns a new random key: 144 bits as 24 letters, digits, `-` and `_`. `from` names its use. */
export function mintKey(from: string): Secret {
  return new Secret(randomBytes(18).toString('base64url'), from);
}
