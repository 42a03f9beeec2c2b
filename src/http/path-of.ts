import type { IncomingMessage } from 'node:http';

/** Returns the path without its query and without a slash at the end. */
export function pathOf(request: IncomingMessage): string {
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
