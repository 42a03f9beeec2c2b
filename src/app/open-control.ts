import { startControlServer } from '../control/control-server.ts';
import { logLevelRoutes } from '../control/log-level.ts';
import type { Route } from '../control/route.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';

/** Lets the command line reach this process. A store in memory belongs to no file beside which a socket could be. */
export async function openControl(options: AppOptions, lifecycle: Lifecycle): Promise<void> {
  const { config, version, log } = options;
  if (config.store.kind === 'memory') return;
  const server = await startControlServer({
    storeFile: config.store.file,
    routes: routesOf(options),
    ...{ version, log, secrets: () => config.secrets },
  });
  lifecycle.onStop('the control socket', () => server.stop());
}

/** Returns everything that the command line may ask of a running Lookout. */
function routesOf({ logLevel }: AppOptions): readonly Route[] {
  return [...logLevelRoutes(logLevel)];
}
