import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';

/** Answers for a process that stands by while another one works. */
export interface StandBy {
  /** Frees the port. */
  stop(): Promise<void>;
}

/** One series of the metrics tells those that work from those that stand by. */
const metrics = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  text: async () =>
    '# HELP lookout_working 1 while this process works, 0 while it stands by for another one.\n' +
    '# TYPE lookout_working gauge\nlookout_working 0\n',
};

/**
 * Serves `/metrics`, `/healthz` and `/readyz` (503) of the configuration while this process stands by. Throws a `MetricsStartError`
 * if it cannot listen.
 */
export async function standBy({ metrics: listen }: Config, log: Log): Promise<StandBy> {
  if (listen === null) return { async stop() {} };
  const { startMetricsServer } = await import('../metrics/metrics-server.ts');
  const causesOfUnreadiness = () => ['this process stands by: another one works'];
  return startMetricsServer({ ...listen, metrics, causesOfUnreadiness, log });
}
