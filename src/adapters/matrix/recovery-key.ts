/** A recovery key as bytes, or what is wrong with its text, after "the recovery key". */
export type RecoveryKey = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly wrong: string };

const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const prefix = [0x8b, 0x01];
const keySize = 32;
const wholeSize = prefix.length + keySize + 1;

/**
 * Reads a recovery key: base58 with a checksum, usually in groups of four.
 * https://spec.matrix.org/v1.18/appendices/#cryptographic-key-representation
 */
export function readRecoveryKey(text: string): RecoveryKey {
  const signs = [...text.replace(/\s/g, '')];
  const foreign = signs.find((sign) => !digits.includes(sign));
  if (foreign !== undefined)
    return { wrong: `has a ${JSON.stringify(foreign)}, which is in no recovery key: a key looks like EsTc 5F2c …` };
  const number = signs.reduce((sum, sign) => sum * 58n + BigInt(digits.indexOf(sign)), 0n);
  const hex = number.toString(16);
  const whole = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  if (whole.length !== wholeSize)
    return { wrong: `has ${signs.length} letters and digits, and 48 are right: was a part of it left out?` };
  const isWhole = prefix.every((byte, at) => whole[at] === byte) && whole.reduce((sum, byte) => sum ^ byte, 0) === 0;
  if (!isWhole) return { wrong: 'has a typing mistake: its checksum is wrong' };
  return { bytes: Uint8Array.from(whole.subarray(prefix.length, prefix.length + keySize)) };
}
