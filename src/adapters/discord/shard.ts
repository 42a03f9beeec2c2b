import type { IContextFetchingStrategy } from '@discordjs/ws';
import type { WebSocket } from 'ws';
import { type Network, socketSettings } from '../../http/network.ts';
import { networkErrorText } from '../../http/network-error-text.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';
import type { ShardId } from '../shards.ts';
import { loadGatewayLibrary } from './gateway-library.ts';

/** The events of a shard's connection. */
export interface ShardListener {
  onReady(data: JsonObject): void;
  onResumed(): void;
  onDispatch(name: string, data: JsonObject): void;
}

/** The end of a connection. */
export interface ShardEnd {
  readonly reason: string;
  readonly isTokenRefused: boolean;
  /** True if Discord wants another number of shards. */
  readonly isCountRefused: boolean;
}

/** One connection. */
export interface ShardOptions {
  /** The address that it is opened to. */
  readonly url: string;
  readonly network: Network;
  readonly strategy: IContextFetchingStrategy;
  readonly shard: ShardId;
  /** True if its session is gone on with after a stop, by another process. */
  readonly isKept: boolean;
}

/**
 * The two private members of a shard that are used, since @discordjs/ws 1.2.3 lets a frame that is not of the protocol end
 * the process, and cannot close a socket that is still connecting (docs/decisions.md, "Libraries"). The type checker fails if
 * a version has no such member.
 */
const socketMember = 'connection';
const readMember = 'onMessage';
/** Reads a frame as a shard does: it throws if the frame is not of the protocol. */
type ReadFrame = (data: unknown, isBinary: boolean) => Promise<void>;

/** A heartbeat that is asked for more often than this would be a flood, and a timer takes no longer one, in milliseconds. */
const shortestBeatMs = 20;
const longestBeatMs = 2 ** 31 - 1;
/** Without intents the longest frame is that of a new session, with a line for each server. UTF-16 units. */
const longestFrame = 8 * 1024 * 1024;
/** Codes of our own closings: the first ends the session, others do not (https://discord.com/developers/docs/events/gateway#initiating-a-disconnect). */
const normalClose = 1_000;
const keptClose = 4_900;
/** Time for Discord's closing handshake, in milliseconds. */
const goodbyeMs = 500;

/**
 * Opens one connection to Discord's gateway with the settings and the session of `strategy`. Resolves when it is over, or when `signal` is
 * aborted and it is closed. A frame that is not of the protocol ends the connection.
 */
export async function openShard(
  { url, network, strategy, shard: { id }, isKept }: ShardOptions,
  signal: AbortSignal,
  listener: ShardListener,
): Promise<ShardEnd> {
  const { WebSocketShard, WebSocketShardEvents: Events, withSettings } = loadGatewayLibrary();
  if (signal.aborted) return { reason: 'stopped', isTokenRefused: false, isCountRefused: false };
  const ended = new AbortController();
  const shard = new WebSocketShard(strategy, id);
  const socketOf = (): WebSocket | null => shard[socketMember];
  return new Promise((resolve) => {
    let reason: string | null = null;
    let late: NodeJS.Timeout | undefined;
    const over = (why: string, code: number | null = null) => {
      clearTimeout(late);
      ended.abort();
      signal.removeEventListener('abort', stop);
      resolve({
        reason: reason ?? why,
        isTokenRefused: code === tokenRefused,
        isCountRefused: code !== null && countRefused.has(code),
      });
    };
    const breakOff = (why: string) => {
      reason ??= why;
      socketOf()?.terminate();
    };
    /** By hand: a shard that is told to end while it connects leaves its socket without a listener for errors. */
    const stop = () => {
      const socket = socketOf();
      if (socket === null) return over('stopped');
      // A socket that has ended already emits no further event.
      late = setTimeout(() => {
        breakOff('stopped');
        over('stopped');
      }, goodbyeMs);
      if (socket.readyState === 1) socket.close(isKept ? keptClose : normalClose);
      else breakOff('stopped');
    };

    const read: ReadFrame = shard[readMember].bind(shard);
    const guard: ReadFrame = async (data, isBinary) => {
      if (!isReadable(data)) return breakOff('it sent something that is not in its protocol');
      await read(data, isBinary).catch(() => breakOff('it sent something that is not in its protocol'));
    };
    shard[readMember] = guard;
    shard.on(Events.Closed, ({ code }) => over(closings.get(code) ?? `code ${code}`, code));
    shard.on(Events.Error, ({ error }: { readonly error: unknown }) => {
      reason ??= error instanceof Error ? networkErrorText(error) : String(error);
    });
    shard.on(Events.Ready, ({ data }) => listener.onReady(objectOf(data)));
    shard.on(Events.Resumed, () => listener.onResumed());
    shard.on(Events.Dispatch, ({ data }) => {
      const { t, d } = objectOf(data);
      listener.onDispatch(textOf(t) ?? '', objectOf(d));
    });
    signal.addEventListener('abort', stop);
    // It resolves when the session has begun, and never if none does.
    withSettings(socketSettings(network, new URL(url), ended.signal), () => void shard.connect().catch(() => {}));
  });
}

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes */
const tokenRefused = 4_004;
const countRefused: ReadonlySet<number> = new Set([4_010, 4_011]);
const closings: ReadonlyMap<number, string> = new Map([
  [1_006, 'the connection was lost'],
  [4_004, 'it refused the token (4004)'],
  [4_010, 'it refused the shard (4010)'],
  [4_011, 'the bot is on too many servers for its number of shards (4011)'],
  [4_012, 'it does not know our version any more (4012)'],
  [4_013, 'it refused our intents (4013)'],
  [4_014, 'it refused our intents (4014)'],
]);

/** Returns true if a frame has the fields that discord.js reads without a check (https://discord.com/developers/docs/events/gateway-events). */
function isReadable(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > longestFrame) return false;
  let frame: JsonObject;
  try {
    frame = objectOf(JSON.parse(data));
  } catch {
    return false;
  }
  const d = objectOf(frame.d);
  switch (frame.op) {
    case 0:
      if (frame.t === 'READY') return textOf(d.session_id) !== null && textOf(d.resume_gateway_url) !== null;
      return typeof frame.s === 'number' && textOf(frame.t) !== null;
    case 9:
      return typeof frame.d === 'boolean';
    case 10:
      return isWithin(d.heartbeat_interval, shortestBeatMs, longestBeatMs);
    default:
      return typeof frame.op === 'number';
  }
}

const isWithin = (value: unknown, least: number, most: number) =>
  typeof value === 'number' && value >= least && value <= most;
