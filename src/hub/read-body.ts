import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly outcome: 'text'; readonly text: string }
  | { readonly outcome: 'tooLarge' }
  | { readonly outcome: 'notUtf8' }
  /** The client went away before all had come. */
  | { readonly outcome: 'gone' };

/** Reads a request's body as UTF-8, keeping at most `limitBytes` of it. What is too large is not read to its end here. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { outcome: 'tooLarge' };
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // destroyOnReturn would cut the connection before the answer is out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limitBytes) return { outcome: 'tooLarge' };
      chunks.push(chunk);
    }
  } catch {
    return { outcome: 'gone' }; // The only thing that can break a request's stream; there is nobody left to tell.
  }
  try {
    return { outcome: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)) };
  } catch {
    return { outcome: 'notUtf8' };
  }
}
