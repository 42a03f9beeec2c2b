import { listenRemedy } from '../http/listen-remedy.ts';

/** The hub could not start, and a human has to change something: the message says what and how. */
export class HubStartError extends Error {
  override readonly name = 'HubStartError';
}

/** Says in words why listening at `host:port` failed; `cause` is what Node threw. */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): HubStartError {
  return new HubStartError(`the hub cannot listen on port ${port} of ${host}: ${listenRemedy(cause)}`, { cause });
}
