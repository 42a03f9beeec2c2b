import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';

import { type Membership, readMembership, unknownMembership } from './membership.ts';

/** One change of a room in a sync. */
export type RoomNews =
  | {
      readonly kind: 'invited';
      readonly room: string /** null if the invitation does not say */;
      readonly by: string | null;
    }
  /** `content`: of its `m.room.encryption`. */
  | { readonly kind: 'encrypted'; readonly room: string; readonly content: JsonObject }
  | { readonly kind: 'replaced'; readonly room: string; readonly by: string | null; readonly sender: string | null }
  | { readonly kind: 'members'; readonly room: string }
  | { readonly kind: 'permissions'; readonly room: string }
  | { readonly kind: 'gone'; readonly room: string; readonly membership: Membership };

/**
 * All that is asked for: state that decides whether we may speak, and messages of others only where commands are
 * read. Memberships are asked for in the
 * timeline alone (a large room has thousands in its state): we read none, but without them Synapse 1.163 does not
 * tell of a room that we were put out of (measured). https://spec.matrix.org/v1.16/client-server-api/#filtering
 */
export function syncFilter(user: string, withMessages: boolean): string {
  const nothing = { not_types: ['*'] };
  const types = ['m.room.encryption', 'm.room.tombstone', 'm.room.power_levels'];
  return JSON.stringify({
    presence: nothing,
    account_data: nothing,
    room: {
      account_data: nothing,
      ephemeral: nothing,
      state: { types },
      timeline: withMessages
        ? { types: [...types, 'm.room.member', 'm.room.message', 'm.room.encrypted'], not_senders: [user], limit: 50 }
        : { types: [...types, 'm.room.member'], limit: 10 },
    },
  });
}

/** All that is asked for to learn how our membership in a room ended: the timeline of a room that we left ends with it. */
export function departureFilter(room: string): string {
  const nothing = { not_types: ['*'] };
  return JSON.stringify({
    presence: nothing,
    account_data: nothing,
    room: {
      rooms: [room],
      include_leave: true,
      account_data: nothing,
      ephemeral: nothing,
      state: nothing,
      timeline: { types: ['m.room.member'], limit: 1 },
    },
  });
}

/** Reads a sync answer. `nextBatch` is null if it has none, which a homeserver must not do. */
export function readSync(
  body: JsonObject,
  user: string,
): {
  readonly nextBatch: string | null;
  readonly news: readonly RoomNews[];
  /** The events in rooms that we are in, in order. */
  readonly timeline: readonly { readonly room: string; readonly event: JsonObject }[];
} {
  const rooms = objectOf(body.rooms);
  const news: RoomNews[] = [];
  const written: { room: string; event: JsonObject }[] = [];
  for (const [room, entry] of Object.entries(objectOf(rooms.invite))) {
    news.push({ kind: 'invited', room, by: inviter(listOf(objectOf(objectOf(entry).invite_state).events), user) });
  }
  for (const [room, entry] of Object.entries(objectOf(rooms.join))) {
    const { state, timeline } = objectOf(entry);
    if (membersMoved(objectOf(timeline))) news.push({ kind: 'members', room });
    for (const event of [...listOf(objectOf(state).events), ...listOf(objectOf(timeline).events)]) {
      if (isMessage(objectOf(event))) written.push({ room, event: objectOf(event) });
      const told = roomNews(room, objectOf(event));
      if (told !== null) news.push(told);
    }
  }
  for (const [room, entry] of Object.entries(objectOf(rooms.leave))) {
    const events = listOf(objectOf(objectOf(entry).timeline).events).map(objectOf);
    const ours = events.findLast((event) => event.type === 'm.room.member' && event.state_key === user);
    const membership = ours === undefined ? unknownMembership : readMembership({ kind: 'ok', body: ours });
    news.push({ kind: 'gone', room, membership });
  }
  return { nextBatch: textOf(body.next_batch), news, timeline: written };
}

/** An encrypted event may be a message. */
const isMessage = ({ type }: JsonObject) => type === 'm.room.message' || type === 'm.room.encrypted';

/** Returns true if people came or went, or may have: a timeline with a gap does not show it. */
function membersMoved(timeline: JsonObject): boolean {
  return timeline.limited === true || listOf(timeline.events).some((event) => objectOf(event).type === 'm.room.member');
}

function roomNews(room: string, event: JsonObject): RoomNews | null {
  if (event.state_key !== '') return null;
  switch (event.type) {
    case 'm.room.encryption':
      return { kind: 'encrypted', room, content: objectOf(event.content) };
    case 'm.room.tombstone':
      return {
        kind: 'replaced',
        room,
        by: textOf(objectOf(event.content).replacement_room),
        sender: textOf(event.sender),
      };
    case 'm.room.power_levels':
      return { kind: 'permissions', room };
    default:
      return null;
  }
}

/**
 * The person who invites us. The inviter's own server may put events of its choice beside the real invitation, also one that
 * says it came from another person: if two disagree, neither counts.
 */
function inviter(events: readonly unknown[], user: string): string | null {
  const senders = new Set<string | null>();
  for (const entry of events) {
    const event = objectOf(entry);
    if (event.type === 'm.room.member' && event.state_key === user) senders.add(textOf(event.sender));
  }
  const [only] = senders;
  return senders.size === 1 && only !== undefined ? only : null;
}
