import type { Adapter } from '../../../src/adapters/adapter.ts';
import { createMatrixAdapter } from '../../../src/adapters/matrix/matrix-adapter.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { silentLog } from '../../../src/log.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { systemClock } from '../../../src/time/clock.ts';

/** Makes an adapter of a user of a homeserver that remembers nothing of an earlier process. */
export function createAdapterOf(homeserver: string, { token }: { readonly token: string }): Adapter {
  return createMatrixAdapter({
    ...{ homeserver, network: directNetwork, clock: systemClock, log: silentLog },
    ...{ token: new Secret(token, 'the test'), refreshToken: null, clientId: null },
    credentials: { load: async () => null, save: async () => {} },
    position: { load: async () => null, save: async () => {} },
    prefix: '!',
    invite: [],
  });
}
