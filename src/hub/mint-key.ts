import { randomBytes } from 'node:crypto';
import { Secret } from '../secrets/secret.ts';

/** A new key that nobody can guess: 144 random bits as 24 letters, digits, `-` and `_`. `from` says what it is for. */
export function mintKey(from: string): Secret {
  return new Secret(randomBytes(18).toString('base64url'), from);
}
