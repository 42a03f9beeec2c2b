import type { LogLevelSwitch } from '../log.ts';
import { done, type Route } from './route.ts';

/** Returns the last warnings and errors of the log, for `lookout doctor`. */
export const troublesRoute = (log: LogLevelSwitch): Route => ({
  method: 'GET',
  path: '/troubles',
  handle: () => done({ troubles: log.lastTroubles() }),
});
