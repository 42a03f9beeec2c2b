import { listOf, textOf } from '../../text/json.ts';
import type { ResolveResult } from '../adapter.ts';
import type { HomeserverClient } from './client.ts';
import type { AccountEncryption } from './encryption/encryption.ts';
import type { Failure } from './exchange.ts';
import { isPutOut, putOutText } from './membership.ts';
import { printable } from './printable.ts';
import type { Rooms } from './rooms.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export interface ResolveContext {
  readonly client: HomeserverClient;
  readonly rooms: Rooms;
  readonly encryption: Pick<AccountEncryption, 'obstacle'>;
  readonly homeserver: string;
  readonly user: string;
  /** Told which room an alias led to, whether or not we may speak there. */
  readonly onAlias: (alias: string, room: string) => void;
}

/** A join of a large room on another server takes its time, in milliseconds. */
export const joinTimeoutMs = 120_000;

/** Most rooms in a row that replaced each other. */
const mostReplaced = 20;

type Answer = Exclude<ResolveResult, { outcome: 'resolved' }>;

/** Turns `#alias:server` or `!room` into a room id in which we are and may speak, joining where that is allowed. */
export async function resolveRoom(
  address: string,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<ResolveResult> {
  if (!/^[#!]\S+$/.test(address)) {
    return { outcome: 'roomBroken', reason: 'a Matrix room is an id (!…) or an alias (#name:server)' };
  }
  const found = address.startsWith('#') ? await lookUp(address, context, signal) : { room: address, via: [] };
  if ('outcome' in found) return found;
  return follow({ ...found, address, before: [] }, context, signal);
}

/** A room on the way from the written address to the one that is used. */
interface Way extends Found {
  readonly address: string;
  /** The rooms that it replaces, oldest first. */
  readonly before: readonly string[];
}

/** Enters a room, and the one that replaces it. */
async function follow(way: Way, context: ResolveContext, signal: AbortSignal): Promise<ResolveResult> {
  const { room, address, before } = way;
  if (room !== address) context.onAlias(address, room);
  const refused = await enter(way, context, signal);
  if (refused !== null) {
    const isReplaced = refused.outcome === 'roomBroken' && before.length > 0;
    const reason = `the room was replaced by ${printable(room)}: ${refused.reason}`;
    return isReplaced ? { ...refused, reason } : refused;
  }
  const next = await context.rooms.successor(room, signal);
  if (next !== null && 'kind' in next) return failed(next, context, null);
  if (next === null || next.room === room || before.includes(next.room) || before.length >= mostReplaced)
    return speaksIn(room, context, signal);
  return follow({ ...next, address, before: [...before, room] }, context, signal);
}

/** Joins a room where that is allowed; null when we are in it. */
async function enter(way: Way, context: ResolveContext, signal: AbortSignal): Promise<Answer | null> {
  const { room, before } = way;
  const { rooms, user } = context;
  const membership = await rooms.membership(room, user, signal);
  if ('kind' in membership) return failed(membership, context, null);
  // A room's own people decided that: only an invitation changes it.
  if (isPutOut(membership, user)) return { outcome: 'roomBroken', reason: putOutText(membership, user) };
  if (membership.state !== 'join') {
    const refused = await join(way, context, signal);
    if (refused !== null) return refused;
  }
  const old = before.at(-1);
  if (old === undefined) return null;
  const predecessor = await rooms.predecessor(room, signal);
  if (predecessor !== null && typeof predecessor !== 'string') return failed(predecessor, context, null);
  // Else the admins of one room could send all that it hears to another room, where they have no say.
  return predecessor === old
    ? null
    : { outcome: 'roomBroken', reason: 'it does not name the old room: name the right one in the configuration' };
}

/** Makes sure that we may speak in a room that we are in. */
async function speaksIn(room: string, context: ResolveContext, signal: AbortSignal): Promise<ResolveResult> {
  const { rooms, user } = context;
  const encryption = await rooms.encryption(room, signal);
  if (typeof encryption !== 'string') return failed(encryption, context, null);
  const refused = encryption === 'encrypted' ? await context.encryption.obstacle(room, signal) : null;
  if (refused !== null)
    return refused.kind === 'failed'
      ? failed(refused.failure, context, null)
      : { outcome: 'roomBroken', reason: refused.reason };
  const obstacle = await rooms.obstacle(room, user, signal);
  if (typeof obstacle === 'string') return { outcome: 'roomBroken', reason: obstacle };
  if (obstacle !== null) return failed(obstacle, context, null);
  return { outcome: 'resolved', address: room };
}

interface Found {
  readonly room: string;
  /** Servers that are in the room, to join through. */
  readonly via: readonly string[];
}

/** Looks up the room that an alias leads to. */
export async function lookUp(alias: string, context: ResolveContext, signal: AbortSignal): Promise<Found | Answer> {
  const path = `/directory/room/${encodeURIComponent(alias)}`;
  const exchange = await context.client.request({ method: 'GET', path }, signal);
  if (exchange.kind !== 'ok') return failed(exchange, context, `no room has the alias ${alias}: is it spelled right?`);
  const room = textOf(exchange.body.room_id);
  if (room === null)
    return { outcome: 'later', waitMs: 60_000, reason: 'the homeserver resolved the alias to no room id' };
  const via = listOf(exchange.body.servers).filter((server) => typeof server === 'string');
  // Three servers are enough to find one that answers; a long list makes a long URL.
  return { room, via: via.slice(0, 3) };
}

/** Null when we are in the room now. */
async function join(found: Found, context: ResolveContext, signal: AbortSignal): Promise<Answer | null> {
  const exchange = await context.client.request(
    {
      method: 'POST',
      path: `/join/${encodeURIComponent(found.room)}`,
      // `server_name` is what `via` was called before version 1.12.
      query: { via: found.via, server_name: found.via },
      body: '{}',
      timeoutMs: joinTimeoutMs,
    },
    signal,
  );
  if (exchange.kind === 'ok') return null;
  const { rooms, user } = context;
  const departure =
    troubleOf(exchange, context.homeserver).kind === 'forbidden'
      ? await rooms.departure(found.room, user, signal)
      : null;
  if (departure !== null && isPutOut(departure, user))
    return { outcome: 'roomBroken', reason: putOutText(departure, user) };
  // M_BAD_STATE is how Synapse says that we are banned where it does not let us read our membership.
  const isBanned = exchange.kind === 'refused' && exchange.code === 'M_BAD_STATE';
  const help = isBanned
    ? `${context.user} is banned from the room: lift the ban, then invite it`
    : `${context.user} is not in the room and may not join by itself: invite it`;
  return failed(exchange, context, help);
}

/** `help` is what to do where the room is to blame. */
function failed(failure: Failure, context: ResolveContext, help: string | null): Answer {
  const trouble: Trouble = troubleOf(failure, context.homeserver);
  const { reason } = trouble;
  switch (trouble.kind) {
    case 'limited':
    case 'unreachable':
    case 'unclear':
    case 'notMatrix':
      return { outcome: 'later', waitMs: trouble.waitMs, reason };
    case 'account':
      return { outcome: 'accountBroken', reason };
    case 'forbidden':
    case 'missing':
    case 'invalid':
      return { outcome: 'roomBroken', reason: help === null ? reason : `${help} (${reason})` };
    default:
      return trouble satisfies never;
  }
}
