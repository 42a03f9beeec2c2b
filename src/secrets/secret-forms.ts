import type { Secret } from './secret.ts';

/** Levels of JSON within JSON that are searched: a frame in an error in a line. */
const DEEPEST_JSON = 4;
/**
 * Length below which a secret is searched only unencoded. Encoded forms of a shorter one would be found in ordinary
 * words.
 */
const SHORTEST_ENCODED = 8;

/** By the list of values. */
const known = new WeakMap<readonly string[], readonly string[]>();

/**
 * Returns the non-empty forms in which a secret, or an earlier value of it, may appear in a text: unchanged, URL-encoded, in JSON within JSON, in
 * hex, and in Base64 or base64url of anything that contains it (a server that echoes `Authorization: Basic …`).
 */
export function formsOf(secret: Secret): readonly string[] {
  const { values } = secret;
  const forms = known.get(values) ?? [...new Set(values.flatMap(allForms))].filter((form) => form !== '');
  known.set(values, forms);
  return forms;
}

function allForms(value: string): string[] {
  const forms = [value, encodeURIComponent(value)];
  for (let depth = 0, form = value; depth < DEEPEST_JSON; depth++) {
    form = JSON.stringify(form).slice(1, -1);
    forms.push(form);
  }
  if (value.length < SHORTEST_ENCODED) return forms;
  const hex = Buffer.from(value).toString('hex');
  forms.push(hex, hex.toUpperCase());
  for (const before of [0, 1, 2]) {
    const base64 = base64Within(value, before);
    const url = base64.replaceAll('+', '-').replaceAll('/', '_');
    forms.push(base64, encodeURIComponent(base64), url);
  }
  return forms;
}

/**
 * Returns the characters of Base64 that depend only on the secret when `before` bytes (modulo 3) precede it. Each
 * character has 6 bits; one that shares bits with a neighbour is left out.
 * https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
function base64Within(value: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
  return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
}
