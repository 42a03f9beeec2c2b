import type { ListenConfig } from './config.ts';
import type { Context } from './context.ts';
import { readListen } from './read-listen.ts';
import { getMap, type Mapping } from './tree.ts';

/** The first of those that Prometheus' exporters take, https://github.com/prometheus/prometheus/wiki/Default-port-allocations. */
const defaultPort = 9_464;

/** `metrics:`, with its defaults, also where nothing is below it; null where it is not there. What is wrong in it is reported. */
export function readMetrics(context: Context, top: Mapping): ListenConfig | null {
  return top.entries.has('metrics') ? readListen(context, getMap(top, 'metrics'), defaultPort) : null;
}
