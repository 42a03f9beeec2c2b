/** An event of a room from the homeserver. */
export interface RoomEvent {
  readonly type: string;
  readonly event_id: string;
  readonly sender: string;
  /** Unix milliseconds, set by the homeserver. */
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
}

/** An account on a homeserver, used with bare HTTP requests, without Lookout's own Matrix code. */
export interface MatrixUser {
  readonly id: string;
  readonly token: string;
  /** Creates an unencrypted room and returns its id. */
  createRoom(options: {
    readonly alias?: string;
    readonly invite?: readonly MatrixUser[];
    /** Anybody may join. Default false. */
    readonly isPublic?: boolean;
  }): Promise<string>;
  /** Puts a member out of a room, for good if `how` is `ban`. */
  putOut(how: 'kick' | 'ban', room: string, user: MatrixUser, reason: string): Promise<void>;
  /** Makes an alias lead to another room. */
  moveAlias(alias: string, room: string): Promise<void>;
  join(room: string): Promise<void>;
  invite(room: string, user: MatrixUser): Promise<void>;
  /** Replaces a room by a new one, as its admin does, and returns the new id. This invites no one to it. */
  upgrade(room: string): Promise<string>;
  send(room: string, body: string): Promise<string>;
  /** Sends an event as it is, with a transaction id of its own. */
  sendRaw(room: string, event: Pick<RoomEvent, 'type' | 'content'>): Promise<string>;
  /** Returns an event as the homeserver has it. */
  event(room: string, id: string): Promise<RoomEvent>;
  /** Returns every `m.room.message` of the room, oldest first, in the homeserver's order. */
  messages(room: string): Promise<readonly RoomEvent[]>;
  /** Returns how many of the last 100 messages that pinged the account are in the room. */
  highlights(room: string): Promise<number>;
  /** Returns the emoji of the reactions to a message, oldest first. */
  reactions(room: string, event: string): Promise<readonly string[]>;
}

/** https://spec.matrix.org/v1.11/client-server-api/ */
export function createMatrixUser(homeserver: string, id: string, token: string): MatrixUser {
  let sent = 0;
  const call = async (method: string, path: string, body?: unknown, version = 'v3'): Promise<unknown> => {
    const response = await fetch(`${homeserver}/_matrix/client/${version}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${id}: ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const sendRaw: MatrixUser['sendRaw'] = async (room, { type, content }) => {
    const path = `/rooms/${encodeURIComponent(room)}/send/${type}/t${sent++}`;
    return ((await call('PUT', path, content)) as { event_id: string }).event_id;
  };
  return {
    id,
    token,
    async createRoom({ alias, invite = [], isPublic = false }) {
      const answer = await call('POST', '/createRoom', {
        preset: isPublic ? 'public_chat' : 'private_chat',
        ...(alias !== undefined && { room_alias_name: alias }),
        invite: invite.map((user) => user.id),
      });
      return (answer as { room_id: string }).room_id;
    },
    async putOut(how, room, user, reason) {
      await call('POST', `/rooms/${encodeURIComponent(room)}/${how}`, { user_id: user.id, reason });
    },
    async moveAlias(alias, room) {
      const path = `/directory/room/${encodeURIComponent(alias)}`;
      await call('DELETE', path);
      await call('PUT', path, { room_id: room });
    },
    async join(room) {
      await call('POST', `/join/${encodeURIComponent(room)}`, {});
    },
    async invite(room, user) {
      await call('POST', `/rooms/${encodeURIComponent(room)}/invite`, { user_id: user.id });
    },
    async upgrade(room) {
      const answer = await call('POST', `/rooms/${encodeURIComponent(room)}/upgrade`, { new_version: '11' });
      return (answer as { replacement_room: string }).replacement_room;
    },
    send: (room, body) => sendRaw(room, { type: 'm.room.message', content: { msgtype: 'm.text', body } }),
    sendRaw,
    async event(room, event) {
      return (await call('GET', `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`)) as RoomEvent;
    },
    async highlights(room) {
      const path = '/notifications?only=highlight&limit=100';
      const { notifications } = (await call('GET', path)) as { notifications: { room_id: string }[] };
      return notifications.filter((each) => each.room_id === room).length;
    },
    async reactions(room, event) {
      const path = `/rooms/${encodeURIComponent(room)}/relations/${encodeURIComponent(event)}/m.annotation?dir=f&limit=100`;
      const { chunk } = (await call('GET', path, undefined, 'v1')) as { chunk: RoomEvent[] };
      return chunk.map(({ content }) => (content['m.relates_to'] as { key: string }).key);
    },
    async messages(room) {
      const all: RoomEvent[] = [];
      let from = '';
      for (;;) {
        const query = new URLSearchParams({ dir: 'f', limit: '1000', ...(from !== '' && { from }) });
        const path = `/rooms/${encodeURIComponent(room)}/messages?${query}`;
        const page = (await call('GET', path)) as { chunk: RoomEvent[]; end?: string };
        all.push(...page.chunk.filter((event) => event.type === 'm.room.message'));
        if (page.end === undefined || page.end === from) return all;
        from = page.end;
      }
    },
  };
}
