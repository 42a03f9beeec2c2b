import { listenRemedy } from '../http/listen-remedy.ts';

/** The hub could not start until a person changes something. The message says what to change. */
export class HubStartError extends Error {
  override readonly name = 'HubStartError';
}

/** Returns the error for a failure to listen at `host:port`; `cause` is the error of Node. */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): HubStartError {
  return new HubStartError(`the hub cannot listen on port ${port} of ${host}: ${listenRemedy(cause)}`, { cause });
}
