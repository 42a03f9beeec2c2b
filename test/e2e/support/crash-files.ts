/** Files in the working directory of `crashing-lookout.ts`. */
export const crashFile = 'crash';
export const apartFile = 'apart';

/**
 * An instant around the transaction that stores an encrypted message. `encrypted`: before it, the ratchet has moved in
 * memory only. `stored`: after it, before the first byte leaves.
 */
export type CrashInstant = 'encrypted' | 'stored';
