import { fileURLToPath } from 'node:url';
import type { EventObject, SentType } from '../../../src/words.ts';
import { type Child, startChild } from '../../support/child.ts';

const program = fileURLToPath(new URL('../rails/metasmoke.rb', import.meta.url));

/** An event in the format that metasmoke puts into an Action Cable message. */
export interface WireEvent {
  readonly event_type: SentType;
  readonly event_class: string;
  readonly object: EventObject;
}

export interface RailsHealth {
  readonly connections: number;
  /** Confirmed subscriptions. */
  readonly subscriptions: number;
  /** Confirmed subscriptions of each stream, `posts_create` and the like. */
  readonly streams: Readonly<Record<string, number>>;
}

/**
 * A real Rails Action Cable server that behaves as metasmoke's API. It keeps its port when it is killed and started
 * again.
 */
export interface RailsServer {
  /** `ws://127.0.0.1:<port>/cable` */
  readonly url: string;
  readonly key: string;
  /** Broadcasts the events in this order; returns their number. */
  emit(events: readonly WireEvent[]): Promise<number>;
  health(): Promise<RailsHealth>;
  /** Sends SIGKILL: no close frame. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Encodes half a surrogate pair, which a Ruby string cannot contain, in words; the server sends it as the JSON escape
 * that other servers would send.
 */
function forRuby(json: string): string {
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (written, unit: string | undefined) =>
    unit === undefined ? written : `%%SURROGATE-${unit.toUpperCase()}%%`,
  );
}

/** Starts the server on a free port. `key` is its only API key; it pings every `beatSeconds`. */
export async function startRails(key: string, beatSeconds = 3): Promise<RailsServer> {
  let child: Child;
  let port = 0;
  const start = async () => {
    child = startChild('ruby', [program, '--key', key, '--port', String(port), '--beat', String(beatSeconds)]);
    const line = await child.waitForLine((said) => said.startsWith('listening on '), 'listening port');
    port = Number(line.slice('listening on '.length));
  };
  await start();
  const ask = async (path: string, body?: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : { method: 'POST', body });
    if (!response.ok) throw new Error(`metasmoke.rb ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    url: `ws://127.0.0.1:${port}/cable`,
    key,
    async emit(events) {
      const lines = events.map((event) => forRuby(JSON.stringify(event))).join('\n');
      const { emitted } = (await ask('/emit', lines)) as { emitted: number };
      return emitted;
    },
    health: async () => (await ask('/health')) as RailsHealth,
    async kill() {
      await child.end('SIGKILL');
    },
    restart: start,
    async stop() {
      await child.end('SIGKILL');
    },
  };
}
