import type { ServerResponse } from 'node:http';

/** An unusual answer of a server on loopback. `done`: after it performed the request. */
export type OddAnswer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly done?: boolean;
    }
  | BrokenAnswer;

/** An incomplete answer. */
export type BrokenAnswer =
  /** Reads the request and closes the connection without an answer. `done`: after it performed the request. */
  | { readonly lost: 'before' | 'done' }
  /** Reads the request and never answers. */
  | { readonly hangs: true; readonly done?: boolean }
  /** Sends headers and half a body, then closes the connection. */
  | { readonly half: true; readonly done?: boolean }
  /** Sends headers and half a body, and nothing more. */
  | { readonly stalls: true; readonly done?: boolean };

/** Returns true if the server performs the request before this answer. */
export function isDone(answer: OddAnswer): boolean {
  return 'lost' in answer ? answer.lost === 'done' : answer.done === true;
}

/** Sends it; `begin` is the beginning of a body. */
export function breakOff(response: ServerResponse, answer: BrokenAnswer, begin: string): void {
  if ('hangs' in answer) return;
  if ('lost' in answer) {
    response.destroy();
  } else if ('stalls' in answer) {
    response.writeHead(200, { 'content-type': 'application/json' }).write(begin);
  } else {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write(begin, () => response.destroy());
  }
}
