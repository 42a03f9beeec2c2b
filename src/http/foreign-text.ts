import type { Secret } from '../secrets/secret.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';

/** Limit of a quotation from a server's answer, characters. */
const quoteLimit = 300;

/** Returns a foreign text as one line without the token, for logs. */
export function foreignLine(text: string, token: Secret): string {
  return withoutSecrets(text, [token])
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** Returns the same, cut to the length of a quotation. */
export function foreignQuote(text: string, token: Secret): string {
  return foreignLine(text, token).slice(0, quoteLimit);
}
