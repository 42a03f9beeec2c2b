import type { HubConfig } from './config.ts';
import type { Context } from './context.ts';
import { readListen } from './read-listen.ts';
import { readSecret } from './read-secret.ts';
import type { Mapping } from './tree.ts';

const defaultPort = 28_080;

/** `hub:`, with its defaults; null where something in it is wrong, which is reported. */
export function readHub(context: Context, map: Mapping | null): HubConfig | null {
  const key = readSecret(context, map, 'key');
  const listen = readListen(context, map, defaultPort);
  return listen && { ...listen, key };
}
