import type { Adapter } from '../../../src/adapters/adapter.ts';
import { createMatrixAdapter } from '../../../src/adapters/matrix/matrix-adapter.ts';
import { matrixOptions } from '../../support/matrix-options.ts';

/** Makes an adapter of a user of a homeserver that remembers nothing of an earlier process. */
export function createAdapterOf(homeserver: string, { token }: { readonly token: string }): Adapter {
  return createMatrixAdapter(matrixOptions(homeserver, token));
}
