import { done, type Route } from '../control/route.ts';
import type { Reloader } from './reloader.ts';

/** `POST` reloads the configuration, and answers with the result. */
export function reloadRoute(reloader: Reloader): Route {
  return {
    method: 'POST',
    path: '/reload',
    handle: async () => done(await reloader.reload('lookout reload')),
  };
}
