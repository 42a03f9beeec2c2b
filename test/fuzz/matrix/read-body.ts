import type { Reading } from '../reading.ts';

/**
 * `body`, which notifications, bridges and clients without HTML show. Promised is: the same text, in its shown form, and what is
 * hidden left out. Not promised is that no client links it: one that links plain text cannot be kept from it without
 * falsifying the text (all clients that link do so in `formatted_body` where there is one, and there always is).
 */
export function readBody(json: string): Reading {
  const { body } = JSON.parse(json) as { readonly body: string };
  return { runs: [{ text: body, path: ['body'], isCode: false }], links: [], dangers: [] };
}
