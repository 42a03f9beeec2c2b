import type { Secret } from '../secret.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** A shorter beginning than this would be found in innocent words. */
const tellingLength = 8;

/**
 * Gives a function that removes a key from words of the server, which may quote what we sent it. A quote that was cut short
 * (a WebSocket's close reason has at most 123 bytes) still shows the key's beginning: then all is left out.
 */
export function cleaner(key: Secret): (text: string) => string {
  const beginning = key.reveal().slice(0, tellingLength);
  return (text) => {
    const clean = withoutSecrets(text, [key]);
    return beginning.length === tellingLength && clean.includes(beginning) ? '[left out: it quotes the key]' : clean;
  };
}
