import type { MetricsConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { readListen } from './read-listen.ts';
import { getMap, getTexts, type Mapping } from './tree.ts';

/** The first of those that Prometheus' exporters take, https://github.com/prometheus/prometheus/wiki/Default-port-allocations. */
const defaultPort = 9_464;

/** `metrics:`, with its defaults, also where nothing is below it; null where it is not there. What is wrong in it is reported. */
export function readMetrics(context: Context, top: Mapping): MetricsConfig | null {
  if (!top.entries.has('metrics')) return null;
  const map = getMap(top, 'metrics');
  const listen = readListen(context, map, defaultPort);
  return listen && { ...listen, names: readNames(context, map) };
}

function readNames(context: Context, map: Mapping | null): readonly string[] {
  return getTexts(map, 'names').flatMap((text) => {
    const name = text.value.trim();
    if (/^[\w.-]{1,253}$/.test(name)) return [name];
    const right = 'write it without http:// and port, as lookout.example.org';
    textError(context, text, 0, `"${name.slice(0, 64)}" is no name of a host`, right);
    return [];
  });
}
