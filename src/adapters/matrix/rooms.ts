import { objectOf, textOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import type { HomeserverClient } from './client.ts';
import type { EncryptedRooms } from './encryption/encrypted-rooms.ts';
import type { Failure } from './exchange.ts';
import { isPutOut, type Membership, putOutText, readMembership, unknownMembership } from './membership.ts';
import { defaultLevel, isAboveLevels, powerOf, powerToManage, powerToSpeak } from './power-levels.ts';
import { printable } from './printable.ts';
import { fetchState, fetchStateEvent, isAbsent } from './room-state.ts';
import { departureFilter, readSync } from './sync-response.ts';

/** Facts about our rooms, fetched from the homeserver if they are not known. */
export interface Rooms {
  /** Finds out if a room is encrypted. A failure means that it could not be found out, and that nothing may be sent. */
  encryption(room: string, signal: AbortSignal): Promise<'plain' | 'encrypted' | Failure>;
  /** Returns true if encryption was seen in a room. */
  isEncrypted(room: string): boolean;
  /** Says if the sync reports changes. While it does not, every fact is fetched again. */
  setWatched(watched: boolean): void;
  /** Returns the reason why `user` may not speak in `room`, with a remedy; null if they may. */
  obstacle(room: string, user: string, signal: AbortSignal): Promise<string | Failure | null>;
  /** Fetches the power of a person; if that fails, they have none. `manages`: may change the room's settings. */
  power(room: string, user: string, signal: AbortSignal): Promise<Power>;
  /** Returns the name that a person has in a room, foreign text; null if they have none or it cannot be found out. */
  displayName(room: string, user: string, signal: AbortSignal): Promise<string | null>;
  /** Returns the name that we have in a room; null if we have none or it cannot be found out. */
  ownName(room: string, user: string, signal: AbortSignal): Promise<string | null>;
  /** When we came into a room, Unix milliseconds by the homeserver; 0 if that cannot be found out. */
  joinedAt(room: string, user: string, signal: AbortSignal): Promise<number>;
  /** Returns the users who are in a room; the same set until people come or go. */
  members(room: string, signal: AbortSignal): Promise<ReadonlySet<string> | Failure>;
  /** People came or went. */
  forgetMembers(room: string): void;
  /** Returns true if we are alone with one other person in a room. */
  isDirect(room: string, signal: AbortSignal): Promise<boolean>;
  /** The membership of `user` as the homeserver says, or the sync did before; `unknown` if neither does. */
  membership(room: string, user: string, signal: AbortSignal): Promise<Membership | Failure>;
  /** Returns how our membership in a room ended, also if the homeserver does not let us read its state (Synapse, of a ban). */
  departure(room: string, user: string, signal: AbortSignal): Promise<Membership>;
  /** Returns the room that replaces a room, with servers to join it through; null if none does. */
  successor(room: string, signal: AbortSignal): Promise<Successor | Failure | null>;
  /** Returns the room that a room says it replaces; null if it names none. */
  predecessor(room: string, signal: AbortSignal): Promise<string | Failure | null>;
  /** Notes the end of our membership in a room: some homeservers do not say it to one who is outside. */
  noteGone(room: string, membership: Membership): void;
}

/** A room that replaces another. */
export interface Successor {
  readonly room: string;
  readonly via: readonly string[];
}

/** The rights of a person in a room. `power` is null if no level says it. */
export interface Power {
  readonly power: number | null;
  readonly manages: boolean;
}

/**
 * For how long it is believed that a room is not encrypted, ms. The sync leaves out what our own account does (measured, Synapse
 * 1.163), and the operator may switch encryption on in another client with it.
 */
const plainForMs = 60_000;

export function createRooms(client: HomeserverClient, encrypted: EncryptedRooms, clock: Clock): Rooms {
  return new RoomFacts(client, encrypted, clock);
}

class RoomFacts implements Rooms {
  readonly #client: HomeserverClient;
  readonly #encrypted: EncryptedRooms;
  readonly #clock: Clock;
  /** With the time when they were found not to be encrypted, by the monotonic clock. */
  readonly #plain = new Map<string, number>();
  /** Kept, since it is needed at each message of a person, and in a large room it is a long answer. */
  readonly #members = new Map<string, ReadonlySet<string>>();
  /** Number of times that members of a room were forgotten. */
  #memberNews = 0;
  readonly #joins = new Map<string, number>();
  /** Kept, since it is needed at each message that begins like a mention. */
  readonly #ownNames = new Map<string, string | null>();
  /** Rooms that we were put out of, by the sync. */
  readonly #gone = new Map<string, Membership>();
  #watched = false;

  constructor(client: HomeserverClient, encrypted: EncryptedRooms, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#encrypted = encrypted;
  }

  async encryption(room: string, signal: AbortSignal): Promise<'plain' | 'encrypted' | Failure> {
    if (this.#encrypted.has(room)) return 'encrypted';
    const now = this.#clock.monotonic();
    if (this.#watched && now - (this.#plain.get(room) ?? Number.NEGATIVE_INFINITY) < plainForMs) return 'plain';
    const found = await fetchState(this.#client, { room, type: 'm.room.encryption' }, signal);
    if (found.kind === 'refused' || found.kind === 'unanswered') return found;
    if (found.kind === 'present') await this.#encrypted.note(room, found.content);
    else this.#plain.set(room, now);
    // The sync may have reported encryption during the request.
    return this.#encrypted.has(room) ? 'encrypted' : 'plain';
  }

  isEncrypted(room: string): boolean {
    return this.#encrypted.has(room);
  }

  setWatched(watched: boolean): void {
    this.#watched = watched;
    if (watched) return;
    this.#memberNews++;
    this.#members.clear();
  }

  forgetMembers(room: string): void {
    this.#gone.delete(room);
    this.#memberNews++;
    this.#members.delete(room);
    this.#joins.delete(room);
    this.#ownNames.delete(room);
  }

  async isDirect(room: string, signal: AbortSignal): Promise<boolean> {
    const members = await this.members(room, signal);
    return !('kind' in members) && members.size === 2;
  }

  async members(room: string, signal: AbortSignal): Promise<ReadonlySet<string> | Failure> {
    const known = this.#members.get(room);
    if (this.#watched && known !== undefined) return known;
    const path = `/rooms/${encodeURIComponent(room)}/joined_members`;
    const asked = this.#memberNews;
    const exchange = await this.#client.request({ method: 'GET', path }, signal);
    if (exchange.kind !== 'ok') return exchange;
    const members = new Set(Object.keys(objectOf(exchange.body.joined)));
    // People who came or went meanwhile may not be in the answer.
    if (asked === this.#memberNews) this.#members.set(room, members);
    return members;
  }

  async joinedAt(room: string, user: string, signal: AbortSignal): Promise<number> {
    const known = this.#joins.get(room);
    if (known !== undefined) return known;
    const exchange = await fetchStateEvent(this.#client, { room, type: 'm.room.member', key: user }, signal);
    const at = exchange.kind === 'ok' ? exchange.body.origin_server_ts : null;
    if (typeof at !== 'number') return 0;
    this.#joins.set(room, at);
    return at;
  }

  async membership(room: string, user: string, signal: AbortSignal): Promise<Membership | Failure> {
    const found = await fetchStateEvent(this.#client, { room, type: 'm.room.member', key: user }, signal);
    if (found.kind === 'ok') return readMembership(found);
    return isAbsent(found) || isForbidden(found) ? (this.#gone.get(room) ?? unknownMembership) : found;
  }

  async departure(room: string, user: string, signal: AbortSignal): Promise<Membership> {
    const noted = this.#gone.get(room);
    if (noted !== undefined) return noted;
    const query = { filter: departureFilter(room), set_presence: 'offline', timeout: '0' };
    const exchange = await this.#client.request({ method: 'GET', path: '/sync', query }, signal);
    const gone = exchange.kind === 'ok' ? readSync(exchange.body, user).news : [];
    const found = gone.find((news) => news.kind === 'gone' && news.room === room);
    const membership = found?.kind === 'gone' ? found.membership : unknownMembership;
    if (isPutOut(membership, user)) this.#gone.set(room, membership);
    return membership;
  }

  async successor(room: string, signal: AbortSignal): Promise<Successor | Failure | null> {
    const found = await fetchStateEvent(this.#client, { room, type: 'm.room.tombstone' }, signal);
    if (found.kind !== 'ok') return isAbsent(found) ? null : found;
    const { body } = found;
    const content = typeof body.type === 'string' ? objectOf(body.content) : body;
    const by = textOf(content.replacement_room);
    return by === null ? null : { room: by, via: serversOf([textOf(body.sender) ?? '', by]) };
  }

  async predecessor(room: string, signal: AbortSignal): Promise<string | Failure | null> {
    const created = await fetchState(this.#client, { room, type: 'm.room.create' }, signal);
    if (created.kind === 'absent') return null;
    return created.kind === 'present' ? textOf(objectOf(created.content.predecessor).room_id) : created;
  }

  noteGone(room: string, membership: Membership): void {
    this.#gone.set(room, membership);
  }

  async displayName(room: string, user: string, signal: AbortSignal): Promise<string | null> {
    const found = await fetchState(this.#client, { room, type: 'm.room.member', key: user }, signal);
    return found.kind === 'present' ? textOf(found.content.displayname) : null;
  }

  async ownName(room: string, user: string, signal: AbortSignal): Promise<string | null> {
    const known = this.#ownNames.get(room);
    if (this.#watched && known !== undefined) return known;
    const name = await this.displayName(room, user, signal);
    this.#ownNames.set(room, name);
    return name;
  }

  async power(room: string, user: string, signal: AbortSignal): Promise<Power> {
    const found = await fetchState(this.#client, { room, type: 'm.room.power_levels' }, signal);
    if (found.kind === 'refused' || found.kind === 'unanswered') return { power: null, manages: false };
    if (await this.#isAboveLevels(room, user, signal)) return { power: null, manages: true };
    // Without levels the creator alone has any.
    if (found.kind === 'absent') return { power: defaultLevel, manages: false };
    const power = powerOf(found.content, user);
    return { power, manages: power >= powerToManage(found.content) };
  }

  async obstacle(room: string, user: string, signal: AbortSignal): Promise<string | Failure | null> {
    const membership = await this.membership(room, user, signal);
    if ('kind' in membership) return membership;
    if (isPutOut(membership, user)) return putOutText(membership, user);
    if (membership.state !== 'join') {
      const departure = await this.departure(room, user, signal);
      return isPutOut(departure, user) ? putOutText(departure, user) : `${user} is not in the room: invite it`;
    }
    const replaced = await fetchState(this.#client, { room, type: 'm.room.tombstone' }, signal);
    const by = replaced.kind === 'present' ? textOf(replaced.content.replacement_room) : null;
    if (by !== null) return `the room was replaced by ${printable(by)}`;
    return this.#missingPower(room, user, signal);
  }

  async #missingPower(room: string, user: string, signal: AbortSignal): Promise<string | Failure | null> {
    const found = await fetchState(this.#client, { room, type: 'm.room.power_levels' }, signal);
    if (found.kind === 'absent') return null;
    if (found.kind !== 'present') return found;
    const needs = powerToSpeak(found.content);
    const has = powerOf(found.content, user);
    if (has >= needs || (await this.#isAboveLevels(room, user, signal))) return null;
    return `${user} lacks the power to send m.room.message (needs ${needs}, has ${has}): raise it in the room's permissions`;
  }

  async #isAboveLevels(room: string, user: string, signal: AbortSignal): Promise<boolean> {
    const created = await fetchStateEvent(this.#client, { room, type: 'm.room.create' }, signal);
    return created.kind === 'ok' && isAboveLevels(created.body, user);
  }
}

/** Returns the servers that ids name. From room version 12 on an id names none (https://spec.matrix.org/v1.16/rooms/v12/). */
export function serversOf(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.filter((id) => id.includes(':')).map((id) => id.slice(id.indexOf(':') + 1)))];
}

function isForbidden(failure: Failure): boolean {
  return failure.kind === 'refused' && failure.status === 403 && failure.code === 'M_FORBIDDEN';
}
