import type { Config } from './config.ts';

/** Returns the configuration in effect. A reload puts another one in its place. */
export type CurrentConfig = () => Config;

/** Makes something of the configuration in effect, once for each configuration. */
export function perConfig<T>(config: CurrentConfig, make: (config: Config) => T): () => T {
  let made: { readonly of: Config; readonly value: T } | null = null;
  return () => {
    const of = config();
    if (made?.of !== of) made = { of, value: make(of) };
    return made.value;
  };
}
