import { excerpt } from '../text/excerpt.ts';
import type { MetricsConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { metricsKeys } from './keys.ts';
import { readListen } from './read-listen.ts';
import { getMap, type Mapping } from './tree.ts';

/** `metrics:`, with its defaults even if nothing is below it; null without it. What is wrong in it is reported. */
export function readMetrics(context: Context, top: Mapping): MetricsConfig | null {
  if (!top.entries.has('metrics')) return null;
  const map = getMap(top, 'metrics');
  const listen = readListen(context, map, metricsKeys);
  return { ...listen, names: readNames(context, map) };
}

function readNames(context: Context, map: Mapping | null): readonly string[] {
  return metricsKeys.names.read(context, map, 'names').flatMap((text) => {
    const name = text.value.trim();
    if (/^[\w.-]{1,253}$/.test(name)) return [name];
    const right = 'write it without http:// and port, as lookout.example.org';
    textError(context, text, 0, `"${excerpt(name, 64)}" is not the name of a host`, right);
    return [];
  });
}
