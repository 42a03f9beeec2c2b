import { createMemoryEncryption } from '../../src/adapters/contract/memory-encryption.ts';
import type { MatrixOptions } from '../../src/adapters/matrix/matrix-adapter.ts';
import { directNetwork } from '../../src/http/network.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';

/** The options of an adapter that remembers nothing of an earlier process, and accepts no invitation. */
export function matrixOptions(homeserver: string, token: string): MatrixOptions {
  return {
    ...{ homeserver, network: directNetwork, clock: systemClock, log: silentLog },
    ...{ token: new Secret(token, 'the test'), refreshToken: null, clientId: null },
    credentials: { load: async () => null, save: async () => {} },
    position: { load: async () => null, save: async () => {} },
    ...{ encryption: createMemoryEncryption(), storeKey: null, encryptFor: 'signed_devices', recoveryKey: null },
    ...{ prefix: '!', invite: [], end: () => {} },
  };
}
