import { isAnswered, startControlServer } from '../control/control-server.ts';
import { logLevelRoutes } from '../control/log-level.ts';
import { roomCommandRoute } from '../control/room-command.ts';
import type { Route } from '../control/route.ts';
import { controlFileOf } from '../control/socket-path.ts';
import { statusRoute } from '../control/status.ts';
import { testRoute } from '../control/test-message.ts';
import { troublesRoute } from '../control/troubles.ts';
import { reloadRoute } from '../reload/reload-route.ts';
import type { Reloader } from '../reload/reloader.ts';
import type { Secret } from '../secrets/secret.ts';
import { sleep, systemClock } from '../time/clock.ts';
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

export interface ControlOptions {
  readonly routes: readonly Route[];
  readonly secrets: () => readonly Secret[];
}

/** Lets the command line reach this process. A store in memory belongs to no file beside which a socket could be. */
export async function openControl(
  { config, version, log }: Pick<AppOptions, 'config' | 'version' | 'log'>,
  { routes, secrets }: ControlOptions,
  lifecycle: Pick<Lifecycle, 'onStop'>,
): Promise<void> {
  if (config.store.kind === 'memory') return;
  const storeFile = controlFileOf({ file: config.file, store: config.store });
  const server = await startControlServer({ storeFile, routes, version, log, secrets });
  lifecycle.onStop('the control socket', () => server.stop());
}

/** Interval between two looks at whether the socket is free, ms. */
const LOOK_EVERY_MS = 5_000;

/**
 * The same for one of several processes. Two on one machine with one configuration would have one socket: the first has it, and
 * another one takes it when the first has ended.
 */
export async function openSharedControl(
  options: Pick<AppOptions, 'config' | 'version' | 'log'>,
  control: ControlOptions,
  lifecycle: Pick<Lifecycle, 'onStop'>,
): Promise<void> {
  const { config, log } = options;
  const { file, store } = config;
  if (store.kind === 'memory') return;
  const socketFile = controlFileOf({ file, store });
  if (!(await isAnswered(socketFile))) return openControl(options, control, lifecycle);
  log.info(
    {},
    'another Lookout on this machine has this configuration and its control socket: commands like `lookout status` reach that one',
  );
  const stopping = new AbortController();
  const waiting = (async () => {
    while (!stopping.signal.aborted && (await isAnswered(socketFile)))
      await sleep(systemClock, LOOK_EVERY_MS, stopping.signal);
    if (!stopping.signal.aborted) await openControl(options, control, lifecycle);
  })();
  lifecycle.onStop('the look at the control socket', async () => {
    stopping.abort();
    await waiting;
  });
}

/** Returns everything that the command line may ask of a running Lookout. */
export function routesOf(options: AppOptions, { base, delivery, surfaces, reloader }: ControlParts): readonly Route[] {
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
