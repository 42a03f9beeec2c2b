import type { JsonObject } from '../../text/json.ts';
import type { HomeserverClient } from './client.ts';
import type { Exchange, Failure } from './exchange.ts';

/** The content of a state event of a room, or the reason why there is none. */
export type StateContent =
  | { readonly kind: 'present'; readonly content: JsonObject }
  | { readonly kind: 'absent' }
  | Failure;

/** Names a state event of a room. */
export interface StateName {
  readonly room: string;
  readonly type: string;
  /** The state key; empty if there is one event of the type in a room. */
  readonly key?: string;
}

/** Fetches the content of a state event. */
export async function fetchState(
  client: HomeserverClient,
  name: StateName,
  signal: AbortSignal,
): Promise<StateContent> {
  const exchange = await client.request({ method: 'GET', path: statePath(name) }, signal);
  if (exchange.kind === 'ok') return { kind: 'present', content: exchange.body };
  return isAbsent(exchange) ? { kind: 'absent' } : exchange;
}

/** Fetches a whole state event: its content with sender and time. */
export async function fetchStateEvent(
  client: HomeserverClient,
  name: StateName,
  signal: AbortSignal,
): Promise<Exchange> {
  return client.request({ method: 'GET', path: statePath(name), query: { format: 'event' } }, signal);
}

function statePath({ room, type, key = '' }: StateName): string {
  return `/rooms/${encodeURIComponent(room)}/state/${type}/${encodeURIComponent(key)}`;
}

/** "No such state event", in the homeserver's own words: a proxy's 404 says nothing about the room. */
export function isAbsent(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 404 && failure.code === 'M_NOT_FOUND';
}
