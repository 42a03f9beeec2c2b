import type { ServerResponse } from 'node:http';

/** An answer that a server on loopback would not give by itself. `done`: after it did what was asked. */
export type OddAnswer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly done?: boolean;
    }
  | BrokenAnswer;

/** No whole answer comes. */
export type BrokenAnswer =
  /** Takes the request in and closes the connection without an answer. `done`: after it did what was asked. */
  | { readonly lost: 'before' | 'done' }
  /** Takes the request in and never answers. */
  | { readonly hangs: true; readonly done?: boolean }
  /** Sends headers and half a body, then closes the connection. */
  | { readonly half: true; readonly done?: boolean }
  /** Sends headers and half a body, and no more. */
  | { readonly stalls: true; readonly done?: boolean };

/** Whether the server does what was asked before it answers so. */
export function isDone(answer: OddAnswer): boolean {
  return 'lost' in answer ? answer.lost === 'done' : answer.done === true;
}

/** Gives it; `begin` is the beginning of a body. */
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
