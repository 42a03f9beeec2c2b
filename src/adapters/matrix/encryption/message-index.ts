import type { MessageIndex } from '../../../store/encryption-state.ts';
import { objectOf, textOf } from '../../../text/json.ts';

/**
 * Reads the session of an encrypted content and the index of its message: the ciphertext begins with the version 3, and a field
 * 8 with the index as a variable-length integer (https://spec.matrix.org/v1.18/olm-megolm/megolm/#message-format).
 * Null: it is not one.
 */
export function messageIndexOf(content: unknown): MessageIndex | null {
  const { session_id: session, ciphertext } = objectOf(content);
  if (typeof session !== 'string') return null;
  // The index is within the first bytes.
  const bytes = Buffer.from((textOf(ciphertext) ?? '').slice(0, 16), 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 8) return null;
  let index = 0;
  for (let at = 2, factor = 1; at < bytes.length; at++, factor *= 128) {
    const byte = bytes[at]!;
    index += (byte % 128) * factor;
    // The library counts in 32 bits.
    if (byte < 128) return index > 0xffff_ffff ? null : { session, index };
  }
  return null;
}
