import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secrets/secret.ts';

/** Returns true if a text is one of the keys. The time taken does not depend on how similar it is. */
export type KeyCheck = (candidate: string) => boolean;

/** Compares digests made with a random key, so that the time reveals neither length nor content. */
export function createKeyCheck(keys: readonly Secret[]): KeyCheck {
  const pepper = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', pepper).update(text).digest();
  const known = keys.map((key) => digest(key.reveal()));
  return (candidate) => {
    const given = digest(candidate);
    // Compare all keys, so that the time does not reveal which one matched.
    return known.filter((key) => timingSafeEqual(key, given)).length > 0;
  };
}
