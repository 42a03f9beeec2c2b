import type { IContextFetchingStrategy, SessionInfo } from '@discordjs/ws';
import type { Secret } from '../../secrets/secret.ts';
import type { ShardId } from '../shards.ts';
import { loadGatewayLibrary } from './gateway-library.ts';

export interface StrategyOptions {
  /** The address of the gateway. */
  readonly url: string;
  readonly token: Secret;
  readonly shard: ShardId;
  /** Returns the session that goes on in the new connection; null: a new one begins. */
  readonly loadSession: () => SessionInfo | null;
  readonly saveSession: (session: SessionInfo | null) => void;
  /** Called right before a new session is asked for, which waits for it. `closed`: aborted if the connection ends meanwhile. */
  readonly onIdentify: (closed: AbortSignal) => Promise<void>;
}

/** The settings and the session of a shard of discord.js, for one connection. */
export interface ShardStrategy {
  readonly strategy: IContextFetchingStrategy;
  /** Keeps the shard from connecting again, which it does by itself, twice a second. */
  end(): void;
}

/** No intents: interactions come without any (https://discord.com/developers/docs/events/gateway#list-of-intents). */
export function createStrategy({ url, token, shard, onIdentify, ...sessions }: StrategyOptions): ShardStrategy {
  const { DefaultWebSocketManagerOptions: defaults } = loadGatewayLibrary();
  let isOver = false;
  return {
    strategy: {
      options: {
        ...defaults,
        token: token.reveal(),
        intents: 0,
        shardCount: shard.count,
        gatewayInformation: {
          url,
          shards: shard.count,
          session_start_limit: { total: 1, remaining: 1, reset_after: 0, max_concurrency: 1 },
        },
        handshakeTimeout: 15_000,
        helloTimeout: 20_000,
        readyTimeout: 20_000,
      },
      // A shard that is over waits here for ever.
      retrieveSessionInfo: () => (isOver ? new Promise<never>(() => {}) : sessions.loadSession()),
      updateSessionInfo: (_, session) => sessions.saveSession(session),
      waitForIdentify: (_, closed) => onIdentify(closed),
    },
    end() {
      isOver = true;
    },
  };
}
