import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../src/time/clock.ts';

/** The gateway as a test controls it. */
export interface GatewayDouble {
  /** Number of open connections. */
  readonly connections: number;
  /** Numbers of new sessions, resumed sessions and heartbeats. */
  readonly identified: number;
  readonly resumed: number;
  readonly heartbeats: number;
  /** Number of sessions that may still be started today. */
  remaining: number;
  /** Number of shards that a bot should open: fewer are refused. */
  shards: number;
  /** Number of shards that may identify within five seconds. */
  concurrency: number;
  /** The shards that identified, in order: their numbers, how many there were, and when, by the monotonic clock. */
  readonly identifies: readonly { readonly shard: number; readonly count: number; readonly at: number }[];
  /** The numbers of the shards that are connected with a session. */
  readonly present: readonly number[];
  /** Interval between heartbeats for the next connections, ms. */
  heartbeatMs: number;
  /** True if heartbeats are answered. */
  acknowledges: boolean;
  /** Number of identifies that came too early, and were refused for that. */
  readonly hurried: number;
  /** Closes every connection, or those of a shard, with a close code or, without one, like a cut cable. */
  drop(code?: number, shard?: number): void;
  /** Forgets every session: a resume is answered as invalid. */
  forget(): void;
  /** Sends a frame, or any text, to every connection. */
  say(frame: unknown): void;
  /** Sends an event about a guild, or without one, on its shard; a session without a connection receives it when it resumes. */
  dispatch(name: string, data: unknown, guild?: string): void;
}

interface Session {
  readonly id: string;
  socket: WebSocket | null;
  readonly shard: number;
  readonly count: number;
  sequence: number;
  readonly told: { readonly op: 0; readonly t: string; readonly s: number; readonly d: unknown }[];
}

export interface GatewayOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly token: () => string | null;
  /** Resets the token, as Discord does for a bot that starts too many sessions. */
  readonly resetToken: () => void;
  readonly url: () => string;
  /** Returns the first event of a new session on a shard; `has` tells the guilds that are on it. */
  readonly ready: (shard: readonly [number, number], has: (guild: string) => boolean) => Record<string, unknown>;
}

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes */
const op = { dispatch: 0, heartbeat: 1, identify: 2, resume: 6, invalidSession: 9, hello: 10, ack: 11 } as const;
/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes */
const close = {
  unknownOpcode: 4001,
  decodeError: 4002,
  notAuthenticated: 4003,
  authenticationFailed: 4004,
  alreadyAuthenticated: 4005,
  invalidSequence: 4007,
  rateLimited: 4008,
  invalidShard: 4010,
  shardingRequired: 4011,
  invalidVersion: 4012,
  invalidIntents: 4013,
  disallowedIntents: 4014,
} as const;
/** https://discord.com/developers/docs/events/gateway#sending-events and #rate-limiting */
const longestFrame = 4_096;
const framesPerMinute = 120;
/** One session in five seconds: https://discord.com/developers/docs/events/gateway#sharding-max-concurrency */
const betweenIdentifiesMs = 5_000;
/** Guild members, presences, message content: intents that the owner must switch on. */
const privileged = (1 << 1) | (1 << 8) | (1 << 15);
const known = (1 << 26) - 1;

/** https://discord.com/developers/docs/events/gateway#sharding-sharding-formula: what is about no guild comes on shard 0. */
const isOn = (guild: string | undefined, { shard, count }: Pick<Session, 'shard' | 'count'>) =>
  (guild === undefined ? 0 : Number((BigInt(guild) >> 22n) % BigInt(count))) === shard;

/** Discord's gateway v10 in JSON on the double's port, for one bot. */
export function createGatewayDouble(http: Server, options: GatewayOptions): GatewayDouble {
  const server = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const sockets = new Set<WebSocket>();
  const identifies: { shard: number; count: number; at: number }[] = [];
  const counts = { identified: 0, resumed: 0, heartbeats: 0, hurried: 0 };

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://double.test');
    if (url.pathname.startsWith('/gateway'))
      server.handleUpgrade(request, socket, head, (ws) => greet(ws, url.searchParams));
    else socket.destroy();
  });

  function greet(ws: WebSocket, query: URLSearchParams): void {
    sockets.add(ws);
    ws.on('close', () => sockets.delete(ws));
    ws.on('error', () => {});
    if (query.get('v') === '10' && query.get('encoding') === 'json') listen(ws);
    else ws.close(close.invalidVersion);
  }

  function listen(ws: WebSocket): void {
    let session: Session | null = null;
    let frames: number[] = [];
    const send = (frame: unknown) => ws.send(JSON.stringify(frame));
    ws.on('close', (code) => {
      if (session?.socket === ws) session.socket = null;
      // https://discord.com/developers/docs/events/gateway#initiating-a-disconnect
      if (session !== null && (code === 1000 || code === 1001)) sessions.delete(session.id);
    });
    ws.on('message', (data) => {
      const now = options.clock.monotonic();
      frames = [...frames.filter((at) => now - at < 60_000), now];
      if (frames.length > framesPerMinute) return ws.close(close.rateLimited);
      const text = String(data);
      const frame = Buffer.byteLength(text) > longestFrame ? null : parsed(text);
      if (frame === null) return ws.close(close.decodeError);
      switch (frame.op) {
        case op.heartbeat:
          counts.heartbeats++;
          if (gateway.acknowledges) send({ op: op.ack });
          return;
        case op.identify:
          if (session !== null) return ws.close(close.alreadyAuthenticated);
          session = identify(ws, frame.d);
          return;
        case op.resume:
          if (session !== null) return ws.close(close.alreadyAuthenticated);
          session = resume(ws, frame.d);
          return;
        case 3:
        case 4:
        case 8:
          if (session === null) ws.close(close.notAuthenticated);
          return;
        default:
          ws.close(close.unknownOpcode);
      }
    });
    send({ op: op.hello, d: { heartbeat_interval: gateway.heartbeatMs } });
  }

  function identify(ws: WebSocket, d: unknown): Session | null {
    const { token, properties, intents, shard: given } = fieldsOf(d);
    const { os, browser, device } = fieldsOf(properties);
    if (token !== options.token()) return refuse(ws, close.authenticationFailed);
    if (gateway.remaining <= 0) {
      options.resetToken();
      return refuse(ws, close.authenticationFailed);
    }
    gateway.remaining--;
    if (![os, browser, device].every((each) => typeof each === 'string')) return refuse(ws, close.decodeError);
    if (typeof intents !== 'number' || (intents & ~known) !== 0) return refuse(ws, close.invalidIntents);
    if ((intents & privileged) !== 0) return refuse(ws, close.disallowedIntents);
    const [shard = 0, count = 1] = given === undefined ? [] : numbersOf(given);
    if (!Number.isInteger(shard) || !Number.isInteger(count) || shard < 0 || shard >= count)
      return refuse(ws, close.invalidShard);
    if (count < gateway.shards) return refuse(ws, close.shardingRequired);
    const at = options.clock.monotonic();
    const group = shard % gateway.concurrency;
    const last = identifies.findLast((one) => one.shard % gateway.concurrency === group);
    if (last !== undefined && at - last.at < betweenIdentifiesMs) {
      counts.hurried++;
      ws.send(JSON.stringify({ op: op.invalidSession, d: false }));
      return null;
    }
    identifies.push({ shard, count, at });
    counts.identified++;
    const session: Session = { id: options.newId(), socket: ws, shard, count, sequence: 0, told: [] };
    sessions.set(session.id, session);
    const ready = options.ready([shard, count], (guild) => isOn(guild, session));
    tell(session, 'READY', { ...ready, session_id: session.id, resume_gateway_url: options.url() });
    return session;
  }

  function resume(ws: WebSocket, d: unknown): Session | null {
    const { token, session_id, seq } = fieldsOf(d);
    if (token !== options.token()) return refuse(ws, close.authenticationFailed);
    const session = sessions.get(String(session_id));
    if (session === undefined) {
      ws.send(JSON.stringify({ op: op.invalidSession, d: false }));
      return null;
    }
    if (typeof seq !== 'number' || seq > session.sequence) return refuse(ws, close.invalidSequence);
    counts.resumed++;
    session.socket = ws;
    for (const frame of session.told) if (frame.s > seq) ws.send(JSON.stringify(frame));
    tell(session, 'RESUMED', {});
    return session;
  }

  function tell(session: Session, t: string, d: unknown): void {
    const frame = { op: op.dispatch, t, s: ++session.sequence, d } as const;
    session.told.push(frame);
    session.socket?.send(JSON.stringify(frame));
  }

  const gateway: GatewayDouble = {
    get connections() {
      return sockets.size;
    },
    get identified() {
      return counts.identified;
    },
    get resumed() {
      return counts.resumed;
    },
    get heartbeats() {
      return counts.heartbeats;
    },
    get hurried() {
      return counts.hurried;
    },
    identifies,
    get present() {
      return [...sessions.values()]
        .flatMap(({ socket, shard }) => (socket === null ? [] : [shard]))
        .sort((a, b) => a - b);
    },
    shards: 1,
    concurrency: 1,
    remaining: 1_000,
    heartbeatMs: 41_250,
    acknowledges: true,
    drop(code, shard) {
      const chosen =
        shard === undefined
          ? [...sockets]
          : [...sessions.values()].flatMap((session) => (session.shard === shard ? (session.socket ?? []) : []));
      for (const ws of chosen) code === undefined ? ws.terminate() : ws.close(code);
    },
    forget: () => sessions.clear(),
    say(frame) {
      for (const ws of sockets) ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    dispatch(name, data, guild) {
      for (const session of sessions.values()) if (isOn(guild, session)) tell(session, name, data);
    },
  };
  return gateway;
}

function refuse(ws: WebSocket, code: number): null {
  ws.close(code);
  return null;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const numbersOf = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : [Number.NaN]);
const fieldsOf = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
