import type { Clock } from '../../src/time/clock.ts';
import { type Filter, matches, type Rooms, relationOf, type StoredEvent, shown } from './homeserver-rooms.ts';

/** A request to the client API. */
export interface Seen {
  readonly method: string;
  /** Still URL-encoded, after `/_matrix/client/v3`; a path of another version begins with it: `/v1/…`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Limit of an account's messages: a bucket of `burst` that refills by `perSecond`, over all rooms. */
export interface Limit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface ApiOptions {
  readonly clock: Clock;
  readonly rooms: Rooms;
  readonly user: string;
  readonly device: string;
  readonly token: () => string | null;
  readonly limit: () => Limit | null;
  /** Returns true if the sync must not return new events. */
  readonly frozen: () => boolean;
}

/** The client API for one account: every answer that the fake homeserver gives by itself. */
export function createApi(options: ApiOptions) {
  const { clock, rooms, user } = options;
  let { device } = options;
  let logins = 1;
  const transactions = new Map<string, string>();
  const held = new Set<() => void>();
  const timers = new Set<() => void>();
  let bucket = { used: 0, at: clock.now() };

  const wake = () => {
    for (const release of [...held]) release();
  };
  rooms.onEvent(wake);

  const error = (status: number, errcode: string, text: string): Reply => ({ status, body: { errcode, error: text } });
  const ok = (body: unknown): Reply => ({ status: 200, body });

  function overLimit(): Reply | null {
    const limit = options.limit();
    if (limit === null) return null;
    const { burst, perSecond } = limit;
    const used = Math.max(0, bucket.used - ((clock.now() - bucket.at) / 1_000) * perSecond);
    if (used + 1 > burst) {
      const waitMs = Math.ceil(((used + 1 - burst) / perSecond) * 1_000);
      const body = { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: waitMs };
      return { status: 429, body, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } };
    }
    bucket = { used: used + 1, at: clock.now() };
    return null;
  }

  function send(room: string, type: string, key: string, body: string): Reply {
    const known = transactions.get(`${room} ${type} ${key}`);
    if (known !== undefined) return ok({ event_id: known });
    const limited = overLimit();
    if (limited) return limited;
    let content: unknown;
    try {
      content = JSON.parse(body);
    } catch {
      return error(400, 'M_NOT_JSON', 'Content not JSON.');
    }
    if (typeof content !== 'object' || content === null)
      return error(400, 'M_BAD_JSON', 'Content must be a JSON object.');
    if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/i.test(JSON.stringify(content)))
      return error(500, 'M_UNKNOWN', 'Internal server error');
    if (Buffer.byteLength(body) > 65_000) return error(413, 'M_TOO_LARGE', 'event too large');
    if (!rooms.all.has(room) || rooms.membership(room, user) !== 'join') {
      return error(403, 'M_FORBIDDEN', `User ${user} not in room ${room}`);
    }
    const levels = rooms.content(room, 'm.room.power_levels') ?? {};
    const has = (levels.users as Record<string, number> | undefined)?.[user] ?? Number(levels.users_default ?? 0);
    const needs = Number(levels.events_default ?? 0);
    if (has < needs) {
      return error(
        403,
        'M_FORBIDDEN',
        `You don't have permission to post that to the room. user_level (${has}) < send_level (${needs})`,
      );
    }
    const { rel_type: relation, event_id: target, key: emoji } = relationOf(content as Record<string, unknown>);
    // Synapse, `_validate_event_relation`: the target of a relation must exist.
    const { events } = rooms.get(room);
    const parent = events.find(({ event_id }) => event_id === target);
    const isKnown = parent !== undefined || events.some((each) => relationOf(each.content).event_id === target);
    if (relation !== undefined && !isKnown) return error(400, 'M_UNKNOWN', "Can't send relation to unknown event");
    if (relation === 'm.thread' && parent !== undefined && relationOf(parent.content).rel_type !== undefined)
      return error(400, 'M_UNKNOWN', 'Cannot start threads from an event with a relation');
    if (
      relation === 'm.annotation' &&
      annotations(room, target).some((each) => each.sender === user && keyOf(each) === emoji)
    )
      return error(400, 'M_DUPLICATE_ANNOTATION', "Can't send same reaction twice");
    const unsigned = { transaction_id: key };
    const id = rooms.add(room, { type, sender: user, content: content as Record<string, unknown>, unsigned });
    transactions.set(`${room} ${type} ${key}`, id);
    return ok({ event_id: id });
  }

  const keyOf = ({ content }: StoredEvent) => relationOf(content).key;
  const annotations = (room: string, target: string | undefined) =>
    rooms
      .get(room)
      .events.filter(({ type, content }) => type === 'm.reaction' && relationOf(content).event_id === target);

  function redact(room: string, target: string, key: string): Reply {
    const known = transactions.get(`${room} redact ${key}`);
    if (known !== undefined) return ok({ event_id: known });
    const limited = overLimit();
    if (limited) return limited;
    if (!rooms.all.has(room) || rooms.membership(room, user) !== 'join')
      return error(403, 'M_FORBIDDEN', `User ${user} not in room ${room}`);
    const id = rooms.add(room, { type: 'm.room.redaction', sender: user, content: { redacts: target } });
    rooms.redact(room, target);
    transactions.set(`${room} redact ${key}`, id);
    return ok({ event_id: id });
  }

  /** Returns them newest first, in pages, as Synapse does. */
  function relations(room: string, target: string, query: URLSearchParams): Reply {
    if (!rooms.all.has(room) || rooms.membership(room, user) !== 'join')
      return error(403, 'M_FORBIDDEN', `User ${user} not in room ${room}`);
    const all = annotations(room, target).toReversed();
    const from = Number(query.get('from')?.slice(1) ?? 0);
    const end = from + Number(query.get('limit') ?? 5);
    return ok({ chunk: all.slice(from, end).map(shown), ...(end < all.length ? { next_batch: `t${end}` } : {}) });
  }

  function join(room: string): Reply {
    const found = rooms.all.get(room);
    if (!found)
      return error(
        404,
        'M_NOT_FOUND',
        "Can't join remote room because no servers that are in the room have been provided.",
      );
    const membership = rooms.membership(room, user);
    if (membership === 'ban') return error(403, 'M_FORBIDDEN', `${user} is banned from the room`);
    if (membership !== 'invite' && membership !== 'join' && !found.public) {
      return error(403, 'M_FORBIDDEN', 'You are not invited to this room.');
    }
    if (membership !== 'join') rooms.setMembership(room, user, 'join');
    return ok({ room_id: room });
  }

  function state(room: string, type: string, key: string, format: string | null): Reply {
    const found = rooms.all.get(room);
    // Synapse (1.163) lets one who left read how it was, and one who is banned nothing.
    if (!found?.state.has(`m.room.member\0${user}`) || rooms.membership(room, user) === 'ban')
      return error(403, 'M_FORBIDDEN', `User ${user} not in room ${room}`);
    const event = found.state.get(`${type}\0${key}`);
    if (!event) return error(404, 'M_NOT_FOUND', 'Event not found.');
    return ok(format === 'event' ? shown(event) : event.content);
  }

  function messages(room: string, query: URLSearchParams): Reply {
    if (!rooms.all.has(room) || rooms.membership(room, user) !== 'join')
      return error(403, 'M_FORBIDDEN', `User ${user} not in room ${room}`);
    const filter = JSON.parse(query.get('filter') ?? '{}') as Filter;
    const events = rooms.get(room).events;
    const from = Number(query.get('from')?.slice(1) ?? events.length);
    const limit = Number(query.get('limit') ?? 10);
    const page = events.slice(Math.max(0, from - limit), from).reverse();
    const end = from - limit > 0 ? { end: `t${from - limit}` } : {};
    return ok({ start: `t${from}`, chunk: page.filter((event) => matches(event, filter)).map(shown), ...end });
  }

  async function sync(query: URLSearchParams, closed: Promise<void>): Promise<Reply> {
    const since = query.get('since');
    if (since !== null && !/^s\d+$/.test(since)) return error(400, 'M_UNKNOWN', 'Invalid stream token');
    const { timeline: filter = {}, include_leave: includesLeft = false } =
      (JSON.parse(query.get('filter') ?? '{}') as { room?: { timeline?: Filter; include_leave?: boolean } }).room ?? {};
    const position = Number(since?.slice(1) ?? 0);
    const holdMs = Number(query.get('timeout') ?? 0);
    let over = since === null || holdMs === 0;
    const cancel = clock.after(holdMs, () => {
      over = true;
      wake();
    });
    timers.add(cancel);
    void closed.then(() => (over = true)).then(wake);
    const look = () =>
      options.frozen()
        ? { body: { next_batch: since }, news: false }
        : rooms.sync(user, position, filter, includesLeft);
    let answer = look();
    while (!answer.news && !over) {
      await new Promise<void>((resolve) => {
        const release = () => {
          held.delete(release);
          resolve();
        };
        held.add(release);
      });
      answer = look();
    }
    cancel();
    timers.delete(cancel);
    return ok(answer.body);
  }

  async function answer(request: Seen, closed: Promise<void>): Promise<Reply> {
    const bearer = request.headers.authorization;
    if (bearer === undefined) return error(401, 'M_MISSING_TOKEN', 'Missing access token');
    if (bearer !== `Bearer ${options.token()}`)
      return error(401, 'M_UNKNOWN_TOKEN', `Unrecognised access token ${bearer}`);
    const parts = request.path.slice(1).split('/').map(decodeURIComponent);
    const [first, second = '', third = '', fourth = '', fifth = ''] = parts;
    const route = `${request.method} ${first}${first === 'rooms' ? `/${third}` : ''}`;
    switch (route) {
      // v1/rooms/<room>/relations/<event>/m.annotation/m.reaction
      case 'GET v1':
        return fourth === 'relations' && parts[5] === 'm.annotation'
          ? relations(third, fifth, request.query)
          : error(404, 'M_UNRECOGNIZED', 'Unrecognized request');
      case 'PUT rooms/redact':
        return redact(second, fourth, fifth);
      case 'GET account':
        return ok({ user_id: user, device_id: device });
      case 'GET sync':
        return sync(request.query, closed);
      case 'GET directory': {
        const room = [...rooms.all.values()].find((each) => each.alias === third);
        return room
          ? ok({ room_id: room.id, servers: ['fake.test'] })
          : error(404, 'M_NOT_FOUND', `Room alias ${third} not found`);
      }
      case 'POST join':
        return join(second);
      case 'POST rooms/join':
        return join(second);
      case 'PUT rooms/send':
        return send(second, fourth, fifth, request.body);
      case 'GET rooms/state':
        return state(second, fourth, fifth, request.query.get('format'));
      case 'GET rooms/joined_members': {
        const state = rooms.all.get(second)?.state ?? new Map();
        const joined = [...state.keys()].filter(
          (key) => key.startsWith('m.room.member\0') && state.get(key)?.content.membership === 'join',
        );
        return ok({ joined: Object.fromEntries(joined.map((key) => [key.slice('m.room.member\0'.length), {}])) });
      }
      case 'GET rooms/event': {
        const event = rooms.all.get(second)?.events.find(({ event_id }) => event_id === fourth);
        return event ? ok(shown(event)) : error(404, 'M_NOT_FOUND', 'Event not found.');
      }
      case 'GET rooms/messages':
        return messages(second, request.query);
      default:
        return error(404, 'M_UNRECOGNIZED', 'Unrecognized request');
    }
  }

  return {
    answer,
    logInAnew() {
      device = `${options.device}${++logins}`;
      transactions.clear();
    },
    /** Ends every request that is held. */
    stop() {
      for (const cancel of timers) cancel();
      wake();
    },
  };
}
