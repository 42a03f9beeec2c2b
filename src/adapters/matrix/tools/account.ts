import { silentLog } from '../../../log.ts';
import { Secret } from '../../../secrets/secret.ts';
import type { Account } from '../../adapter.ts';
import { SetupError } from '../../setup.ts';
import type { ToolParts } from '../../tool.ts';
import { createHomeserverClient, type HomeserverClient } from '../client.ts';
import { keysOf, type PublishedKeys } from '../encryption/published-keys.ts';
import type { Refusal } from '../encryption/refusal.ts';
import type { Failure } from '../exchange.ts';
import { logIn } from '../login.ts';
import type { MatrixSettings } from '../settings.ts';
import { troubleOf } from '../trouble.ts';

/** The bot's account for a command of the command line. */
export interface ToolAccount {
  readonly id: string;
  /** Null: the access token is of no device. */
  readonly device: string | null;
  readonly client: HomeserverClient;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Logs in and works with the account. No token is renewed: a Lookout that runs would lose its own. Throws a `SetupError` if the
 * homeserver does not take the token, or is not there.
 */
export async function withAccount<T>(
  settings: MatrixSettings,
  parts: ToolParts,
  work: (account: ToolAccount) => Promise<T>,
): Promise<T> {
  const { homeserver, refreshToken } = settings;
  const stored = refreshToken === null ? null : await parts.credentials.load();
  // The running program's token first: the one in the configuration may have ended long ago.
  const tokens = [...(stored === null ? [] : [new Secret(stored.access, 'the store')]), settings.token];
  let reason = '';
  for (const token of tokens) {
    const client = createHomeserverClient({
      ...{ homeserver, token, refreshToken: null, clientId: null, log: silentLog },
      ...{ network: parts.network, clock: parts.clock, requestTimeoutMs: REQUEST_TIMEOUT_MS },
      credentials: { load: async () => null, save: async () => {} },
    });
    try {
      const login = await logIn(client, homeserver, parts.signal);
      if (login.outcome === 'ready') return await work({ ...(login.account satisfies Account), client });
      reason = login.reason;
    } finally {
      await client.close();
    }
  }
  const ended =
    refreshToken === null ? '' : '; if its access token has ended, start Lookout once, which gets a new one';
  throw new SetupError(`cannot log in: ${reason}${ended}`);
}

/** Asks the homeserver which keys it has of the account. */
export async function publishedKeys(
  { id, device, client }: ToolAccount,
  { homeserver }: MatrixSettings,
  signal: AbortSignal,
): Promise<PublishedKeys> {
  const body = JSON.stringify({ device_keys: { [id]: [] } });
  const answer = await client.request({ method: 'POST', path: '/keys/query', body }, signal);
  if (answer.kind !== 'ok') throw new SetupError(failureText(answer, homeserver));
  return keysOf(answer.body, { account: id, device: device ?? '' });
}

export const refusalText = (refusal: Refusal, homeserver: string): string =>
  refusal.kind === 'unusable' ? refusal.reason : failureText(refusal.failure, homeserver);

export const failureText = (failure: Failure, homeserver: string): string => troubleOf(failure, homeserver).reason;
