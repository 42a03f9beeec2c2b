import type { ListenConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { type Key, type Keys, readKeys } from './key.ts';
import type { Mapping, Text } from './tree.ts';

interface ListenKeys extends Keys {
  readonly port: Key<number>;
  readonly host: Key<Text | null, string>;
}

/** `host` and `port` of something that listens, with their defaults. What is wrong in them is reported. */
export function readListen(context: Context, map: Mapping | null, { host, port }: ListenKeys): ListenConfig {
  const values = readKeys(context, map, { host, port });
  if (values.host && !/^[\w.:[\]-]{1,253}$/.test(values.host.value)) {
    textError(
      context,
      values.host,
      0,
      '"host" is not an address to listen on',
      'write 127.0.0.1 for this machine alone, or 0.0.0.0 for all',
    );
  }
  return { port: values.port, host: values.host?.value ?? host.byDefault };
}
