import type { Secret } from '../secrets/secret.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';

/** How much of a server's own words a reason quotes. */
const quoteLimit = 300;

/** A foreign text as one line, without the token, for logs. */
export function foreignLine(text: string, token: Secret): string {
  return withoutSecrets(text, [token])
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** The same, no longer than a reason for people may quote. */
export function foreignQuote(text: string, token: Secret): string {
  return foreignLine(text, token).slice(0, quoteLimit);
}
