import type { Json } from '../words.ts';

/** A request of the command line to the running Lookout. */
export interface ControlRequest {
  readonly query: URLSearchParams;
  /** The JSON of the body; null if there is none. */
  readonly body: Json;
}

/** `refused`: the request cannot be fulfilled; `error` says why, for people. */
export type ControlAnswer =
  | { readonly outcome: 'done'; readonly body: Json }
  | { readonly outcome: 'refused'; readonly error: string };

/** Something that the running Lookout answers on its control socket. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The whole path, such as `/log-level`. Parameters are in the query or in the body. */
  readonly path: string;
  readonly handle: (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;
}

export const done = (body: Json): ControlAnswer => ({ outcome: 'done', body });

export const refused = (error: string): ControlAnswer => ({ outcome: 'refused', error });
