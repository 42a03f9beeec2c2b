import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import type { ClientOptions, WebSocket } from 'ws';
import type { SocketSettings } from '../../http/network.ts';

type Library = typeof import('@discordjs/ws');

/** discord.js' client of the gateway. */
export interface GatewayLibrary
  extends Pick<Library, 'WebSocketShard' | 'WebSocketShardEvents' | 'DefaultWebSocketManagerOptions'> {
  /** Runs `start`; sockets that the library opens in it, or because of it, get the settings. */
  withSettings(settings: SocketSettings, start: () => void): void;
}

let loaded: GatewayLibrary | null = null;

/**
 * Loads `@discordjs/ws`. It opens its sockets itself and passes nothing but an address and a time-out, so a proxy or a
 * CA could not be named: it is given a class of sockets that takes the settings from the asynchronous context. There is
 * no option for that; the library finds the class while it loads, as the export of `ws`, which is another one for that
 * moment (docs/decisions.md, "Libraries").
 */
export function loadGatewayLibrary(): GatewayLibrary {
  loaded ??= load();
  return loaded;
}

function load(): GatewayLibrary {
  const require = createRequire(import.meta.url);
  // The `ws` of the library, wherever npm put it.
  const exported = createRequire(require.resolve('@discordjs/ws'))('ws') as { WebSocket: typeof WebSocket };
  const settings = new AsyncLocalStorage<SocketSettings>();
  const original = exported.WebSocket;
  class GatewaySocket extends original {
    constructor(address: string, protocols: string[], options: ClientOptions) {
      super(address, protocols, { ...options, ...settings.getStore() });
    }
  }
  exported.WebSocket = GatewaySocket as typeof WebSocket;
  try {
    const library = require('@discordjs/ws') as Library;
    return Object.assign(
      { withSettings: (given: SocketSettings, start: () => void) => settings.run(given, start) },
      library,
    );
  } finally {
    exported.WebSocket = original;
  }
}
