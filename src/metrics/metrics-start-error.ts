import { listenRemedy } from '../http/listen-remedy.ts';

/** Metrics cannot be served until a person changes something. The message says what to change. */
export class MetricsStartError extends Error {
  override readonly name = 'MetricsStartError';
}

/** Returns the error for a failure to listen at `host:port`; `cause` is the error of Node. */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): MetricsStartError {
  return new MetricsStartError(
    `cannot serve metrics on port ${port} of ${host} (metrics: in the configuration): ${listenRemedy(cause)}`,
    { cause },
  );
}
