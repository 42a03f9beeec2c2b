import { listenRemedy } from '../http/listen-remedy.ts';

/** Metrics cannot be served, and a human has to change something: the message says what and how. */
export class MetricsStartError extends Error {
  override readonly name = 'MetricsStartError';
}

/** Says in words why listening at `host:port` failed; `cause` is what Node threw. */
export function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): MetricsStartError {
  return new MetricsStartError(
    `metrics cannot be served on port ${port} of ${host} (metrics: in the configuration): ${listenRemedy(cause)}`,
    { cause },
  );
}
