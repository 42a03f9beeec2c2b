/** An event in a room of the fake homeserver, with its place in the order. */

export interface StoredEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Record<string, unknown>;
  readonly state_key?: string;
  readonly unsigned?: Record<string, unknown>;
  /** Its place in the server's stream; not shown to clients. */
  readonly at: number;
}

export interface Room {
  readonly id: string;
  readonly alias: string | null;
  readonly public: boolean;
  readonly events: StoredEvent[];
  /** The newest state event by `type` + NUL + `state_key`. */
  readonly state: Map<string, StoredEvent>;
  /** The room's state in an invitation, besides the invitation itself. */
  readonly inviteState: unknown[];
}

/** A message as clients show it. */
export type ShownMessage = Pick<StoredEvent, 'event_id' | 'origin_server_ts' | 'content'>;

export interface RoomOptions {
  readonly alias?: string;
  readonly public?: boolean;
  readonly encrypted?: boolean;
  /** Memberships by user; the creator is always a member. */
  readonly members?: Readonly<Record<string, string>>;
  readonly powerLevels?: Readonly<Record<string, unknown>>;
  readonly version?: string;
  readonly creator?: string;
}

export class Rooms {
  readonly all = new Map<string, Room>();
  readonly #now: () => number;
  /** Counts every event: a sync position is `s<stream>`. */
  stream = 1;
  #onEvent: () => void = () => {};

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `listener` after each event. */
  onEvent(listener: () => void): void {
    this.#onEvent = listener;
  }

  create(options: RoomOptions = {}): string {
    const id = `!room${this.all.size + 1}:fake.test`;
    const creator = options.creator ?? '@owner:fake.test';
    this.all.set(id, {
      id,
      alias: options.alias ?? null,
      public: options.public ?? false,
      events: [],
      state: new Map(),
      inviteState: [],
    });
    this.setState(id, 'm.room.create', { room_version: options.version ?? '11' }, creator);
    for (const [user, membership] of Object.entries({ [creator]: 'join', ...options.members })) {
      this.setMembership(id, user, membership, creator);
    }
    if (options.powerLevels) this.setState(id, 'm.room.power_levels', options.powerLevels, creator);
    if (options.encrypted) this.setState(id, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, creator);
    return id;
  }

  get(id: string): Room {
    const room = this.all.get(id);
    if (!room) throw new Error(`no room ${id}`);
    return room;
  }

  setState(id: string, type: string, content: Record<string, unknown>, sender = '@owner:fake.test', key = ''): string {
    return this.add(id, { type, content, sender, state_key: key });
  }

  setMembership(id: string, user: string, membership: string, sender = user, reason?: string): void {
    this.setState(id, 'm.room.member', { membership, ...(reason !== undefined && { reason }) }, sender, user);
  }

  membership(id: string, user: string): string {
    return String(this.get(id).state.get(`m.room.member\0${user}`)?.content.membership ?? 'none');
  }

  content(id: string, type: string): Record<string, unknown> | undefined {
    return this.get(id).state.get(`${type}\0`)?.content;
  }

  /** Adds an event to a room and returns its id. `ageMs` moves it into the past. */
  add(
    id: string,
    event: Pick<StoredEvent, 'type' | 'content' | 'sender'> & Partial<Pick<StoredEvent, 'state_key' | 'unsigned'>>,
    ageMs = 0,
  ): string {
    const room = this.get(id);
    const at = ++this.stream;
    const stored = { ...event, event_id: `$event${at}`, origin_server_ts: this.#now() - ageMs, at };
    room.events.push(stored);
    if (stored.state_key !== undefined) room.state.set(`${stored.type}\0${stored.state_key}`, stored);
    this.#onEvent();
    return stored.event_id;
  }

  /** Removes the content of an event, as a moderator does. */
  redact(id: string, eventId: string): void {
    const { events } = this.get(id);
    const index = events.findIndex((event) => event.event_id === eventId);
    const event = events[index];
    if (event) events[index] = { ...event, content: {} };
  }

  /** Returns the messages of a room as clients show them: each with its newest edit, without redacted ones. */
  shown(id: string): ShownMessage[] {
    const shown = new Map<string, ShownMessage>();
    for (const { type, event_id, origin_server_ts, content } of this.get(id).events) {
      if (type !== 'm.room.message' || content.body === undefined) continue;
      const target = replacedBy(content);
      const known = target === null ? { event_id, origin_server_ts } : shown.get(target);
      const fresh =
        target === null
          ? content
          : // An edit does not change the message's relation to others.
            {
              ...(content['m.new_content'] as Record<string, unknown>),
              'm.relates_to': shown.get(target)?.content['m.relates_to'],
            };
      if (known !== undefined) shown.set(known.event_id, { ...known, content: fresh });
    }
    return [...shown.values()];
  }

  /** Returns the reactions in a room as `<message> <emoji>`, without those to a redacted message. */
  reactions(id: string): string[] {
    const { events } = this.get(id);
    const isThere = (target?: string) =>
      events.some((each) => each.event_id === target && each.content.body !== undefined);
    return events.flatMap(({ type, content }) => {
      const { event_id, key } = relationOf(content);
      return type === 'm.reaction' && isThere(event_id) ? [`${event_id} ${key}`] : [];
    });
  }

  /**
   * Returns the pings of each message, by the default rules of all accounts: a notice does not ping, an edit pings
   * those whom it names itself (https://spec.matrix.org/v1.16/client-server-api/#predefined-rules).
   */
  pings(id: string): string[] {
    return this.get(id).events.flatMap(({ type, content }) => {
      const { user_ids: users = [] } = (content['m.mentions'] ?? {}) as { user_ids?: string[] };
      return type === 'm.room.message' && content.msgtype !== 'm.notice' ? users : [];
    });
  }

  /**
   * Returns the body of a sync answer for `user` after the position `since` (0: everything), and whether it has any
   * content.
   */
  sync(
    user: string,
    since: number,
    filter: Filter,
    includesLeft = false,
  ): { readonly body: Record<string, unknown>; readonly news: boolean } {
    // As in Synapse, a room that the user left is only included if memberships are requested.
    const rooms: Record<'join' | 'invite' | 'leave', Record<string, unknown>> = { join: {}, invite: {}, leave: {} };
    for (const room of this.all.values()) {
      const member = room.state.get(`m.room.member\0${user}`);
      if (!member) continue;
      const isNew = member.at > since;
      if (member.content.membership === 'invite' && isNew) {
        rooms.invite[room.id] = { invite_state: { events: [...room.inviteState, shown(member)] } };
      } else if (member.content.membership === 'join') {
        const wanted = (event: StoredEvent) => matches(event, filter) && (isNew || event.at > since);
        const state = isNew ? [...room.state.values()].filter(wanted).map(shown) : [];
        const aged = (event: StoredEvent) => ({
          ...shown(event),
          unsigned: { age: this.#now() - event.origin_server_ts, ...event.unsigned },
        });
        const timeline = isNew ? [] : room.events.filter(wanted).map(aged);
        if (isNew || timeline.length > 0)
          rooms.join[room.id] = { state: { events: state }, timeline: { events: timeline } };
      } else if (isNew && (since > 0 || includesLeft) && matches(member, filter)) {
        rooms.leave[room.id] = { timeline: { events: [shown(member)] } };
      }
    }
    const news = Object.values(rooms).some((section) => Object.keys(section).length > 0);
    return { body: { next_batch: `s${this.stream}`, rooms }, news };
  }
}

/** The relation of an event to another. */
export interface Relation {
  readonly rel_type?: string;
  readonly event_id?: string;
  /** The emoji of a reaction. */
  readonly key?: string;
  readonly 'm.in_reply_to'?: { readonly event_id: string };
}

export function relationOf(content: Record<string, unknown>): Relation {
  return (content['m.relates_to'] ?? {}) as Relation;
}

/** Returns the event that a content replaces; null: none. */
function replacedBy(content: Record<string, unknown>): string | null {
  const { rel_type: type, event_id: target } = relationOf(content);
  return type === 'm.replace' ? (target ?? null) : null;
}

export interface Filter {
  readonly types?: readonly string[];
  readonly senders?: readonly string[];
}

export function matches(event: StoredEvent, filter: Filter): boolean {
  return (filter.types?.includes(event.type) ?? true) && (filter.senders?.includes(event.sender) ?? true);
}

export function shown({ at: _, ...event }: StoredEvent): Omit<StoredEvent, 'at'> {
  return event;
}
