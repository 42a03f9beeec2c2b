import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secrets/secret.ts';

/** Tells whether a text is one of the keys, in a time that says nothing about how near it came. */
export type KeyCheck = (candidate: string) => boolean;

/** Compares digests under a key of its own, so that neither length nor content shows in the time taken. */
export function createKeyCheck(keys: readonly Secret[]): KeyCheck {
  const pepper = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', pepper).update(text).digest();
  const known = keys.map((key) => digest(key.reveal()));
  return (candidate) => {
    const given = digest(candidate);
    // All are compared, so that the time does not tell which key matched.
    return known.filter((key) => timingSafeEqual(key, given)).length > 0;
  };
}
