import type { Reading } from '../reading.ts';

/**
 * Reads `body`, which notifications, bridges and clients without HTML show. The promise is: the same text, in its shown
 * form, without the hidden parts. It is not promised that no client links it: a client that links plain text cannot be
 * prevented from that without falsifying the text (all clients that link do so in `formatted_body` if there is one, and
 * there always is).
 */
export function readBody(json: string): Reading {
  const { body } = JSON.parse(json) as { readonly body: string };
  return { runs: [{ text: body, path: ['body'], isCode: false }], links: [], dangers: [] };
}
