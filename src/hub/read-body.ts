import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly outcome: 'text'; readonly text: string }
  | { readonly outcome: 'tooLarge' }
  | { readonly outcome: 'notUtf8' }
  /** The client disconnected before the body was complete. */
  | { readonly outcome: 'gone' };

/** Reads a request's body as UTF-8, keeping at most `limitBytes` of it. Stops reading a body that is too large. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { outcome: 'tooLarge' };
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // destroyOnReturn would close the connection before the answer is sent.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limitBytes) return { outcome: 'tooLarge' };
      chunks.push(chunk);
    }
  } catch {
    return { outcome: 'gone' }; // Only a lost connection breaks a request's stream, so there is no client left to answer.
  }
  try {
    return { outcome: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { outcome: 'notUtf8' };
  }
}
