import { startControlServer } from '../control/control-server.ts';
import { logLevelRoutes } from '../control/log-level.ts';
import { roomCommandRoute } from '../control/room-command.ts';
import type { Route } from '../control/route.ts';
import { controlFileOf } from '../control/socket-path.ts';
import { statusRoute } from '../control/status.ts';
import { testRoute } from '../control/test-message.ts';
import { troublesRoute } from '../control/troubles.ts';
import { reloadRoute } from '../reload/reload-route.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { Base } from './build-base.ts';
import type { Delivery } from './build-delivery.ts';
import type { Surfaces } from './build-surfaces.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';
import { testPartsOf } from './test-alone.ts';

export interface ControlParts {
  readonly base: Base;
  readonly delivery: Delivery;
  readonly surfaces: Surfaces;
  readonly reloader: Reloader | null;
}

/** Lets the command line reach this process. A store in memory belongs to no file beside which a socket could be. */
export async function openControl(options: AppOptions, parts: ControlParts, lifecycle: Lifecycle): Promise<void> {
  const { config, version, log } = options;
  if (config.store.kind === 'memory') return;
  const server = await startControlServer({
    storeFile: controlFileOf({ file: config.file, store: config.store }),
    routes: routesOf(options, parts),
    ...{ version, log, secrets: () => parts.base.config().secrets },
  });
  lifecycle.onStop('the control socket', () => server.stop());
}

/** Returns everything that the command line may ask of a running Lookout. */
function routesOf(options: AppOptions, { base, delivery, surfaces, reloader }: ControlParts): readonly Route[] {
  const { logLevel } = options;
  const { commands, status } = surfaces;
  const rooms = () => base.inEffect.rooms;
  return [
    ...logLevelRoutes(logLevel),
    troublesRoute(logLevel),
    roomCommandRoute({ commands, rooms }),
    statusRoute({ status, rooms, findRoom: commands.findRoom }),
    testRoute(testPartsOf(options, { base, delivery })),
    ...(reloader === null ? [] : [reloadRoute(reloader)]),
  ];
}
