import type { Secret } from '../../secrets/secret.ts';
import { withoutSecrets } from '../../secrets/without-secrets.ts';

/** Shortest beginning of a key that counts as a quotation. Anything shorter occurs in ordinary words. */
const tellingLength = 8;

/**
 * Returns a function that removes a key from a text of the server, which may quote our request. A quotation that was
 * cut (the close reason of a WebSocket has at most 123 bytes) still shows the beginning of the key; then the whole text
 * is replaced.
 */
export function createKeyRemover(key: Secret): (text: string) => string {
  return (text) => {
    const clean = withoutSecrets(text, [key]);
    const isQuoted = key.values.some(
      (value) => value.length >= tellingLength && clean.includes(value.slice(0, tellingLength)),
    );
    return isQuoted ? '[removed: it quotes the key]' : clean;
  };
}
