import type {
  Account,
  Adapter,
  Connection,
  FindRequest,
  FindResult,
  Listener,
  LoginResult,
  ResolveResult,
  SendRequest,
  SendResult,
} from '../../src/adapters/adapter.ts';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import type { Message } from '../../src/render/message.ts';
import type { PlatformName } from '../../src/words.ts';

/** An adapter with scripted answers. Without one a send succeeds. */
export interface ScriptedAdapter extends Adapter {
  /** Every request that reached the platform, in order. */
  readonly requests: SendRequest[];
  readonly lookups: FindRequest[];
  readonly logins: number;
  /** Returns the text of every message in the room, in order, including replies and those in threads. */
  shown(room: string): string[];
  /** Returns the reactions in a room, in order: `<target> <emoji>`. */
  reactions(room: string): string[];
  /** Answers to the next sends, in order; a function may wait, so that a send stays in flight. */
  readonly answers: (SendResult | ((request: SendRequest, signal: AbortSignal) => Promise<SendResult>))[];
  /** Answers by the request, before `answers` are used; null leaves it to them. */
  answerTo: (request: SendRequest) => SendResult | null;
  readonly finds: FindResult[];
  readonly resolves: ResolveResult[];
  /** Returned by `connections`. */
  readonly links: Connection[];
  readonly loginResults: LoginResult[];
  account: Account;
  /** Receives what people write; null until the program listens. */
  listener: Listener | null;
  /** Shows it in its room, without an answer. */
  take(request: SendRequest): void;
}

/** Returns a message with one line of text. */
export function textMessage(text: string): Message {
  const body = [{ kind: 'paragraph', children: [{ kind: 'text', text }] }] as const;
  return { title: null, url: null, color: null, body, fields: [], footer: null, image: null, link: null };
}

export function createScriptedAdapter(
  idempotentForMs = 86_400_000,
  platform: PlatformName = 'matrix',
): ScriptedAdapter {
  const requests: SendRequest[] = [];
  const lookups: FindRequest[] = [];
  const answers: ScriptedAdapter['answers'] = [];
  const finds: FindResult[] = [];
  const resolves: ResolveResult[] = [];
  const links: Connection[] = [];
  const loginResults: LoginResult[] = [];
  const rooms = new Map<string, Map<string, string>>();
  /** By room, and then by the platform's id of the reaction. */
  const reactions = new Map<string, Map<string, string>>();
  /** The keys of messages by their ids on the platform. */
  const ids = new Map<string, string>();
  let logins = 0;

  function show(request: SendRequest, platformId: string): void {
    const { room, payload, action = { kind: 'create' } } = request;
    switch (action.kind) {
      case 'edit':
        change(request, action.target);
        break;
      case 'react':
        reactionsIn(room).set(platformId, `${action.target} ${payload}`);
        break;
      case 'redact':
        reactionsIn(room).delete(action.target);
        break;
      case 'create':
      case 'reply':
      case 'thread':
        ids.set(platformId, request.key);
        adapter.take(request);
        break;
      default:
        action satisfies never;
    }
  }

  function change({ room, payload }: SendRequest, id: string): void {
    const key = ids.get(id);
    if (key !== undefined) rooms.get(room)?.set(key, payload);
  }
  let nextId = 1;

  const reactionsIn = (room: string) => {
    const found = reactions.get(room) ?? new Map<string, string>();
    reactions.set(room, found);
    return found;
  };

  /** Returns the platform's id: an existing reaction keeps its id. */
  function idOf({ room, payload, action }: SendRequest): string {
    if (action?.kind === 'edit' || action?.kind === 'redact') return action.target;
    const known =
      action?.kind === 'react'
        ? [...reactionsIn(room)].find(([, shown]) => shown === `${action.target} ${payload}`)
        : undefined;
    return known?.[0] ?? `$${nextId++}`;
  }

  const adapter: ScriptedAdapter = {
    platform,
    listener: null,
    listen(listener) {
      adapter.listener = listener;
    },
    idempotentForMs,
    requests,
    lookups,
    answers,
    answerTo: () => null,
    finds,
    resolves,
    loginResults,
    account: { id: '@bot:here', device: 'DEVICE' },
    get logins() {
      return logins;
    },
    reactions: (room) => [...reactionsIn(room).values()],
    shown: (room) => [...(rooms.get(room)?.values() ?? [])],
    async login() {
      logins++;
      return loginResults.shift() ?? { outcome: 'ready', account: adapter.account };
    },
    gathersSubjects: (room) => room.startsWith('!forum'),
    seals: () => false,
    describeEncryption: async () => null,
    links,
    connections: () => links,
    isAlias: (address) => address.startsWith('#'),
    async resolve(address) {
      return resolves.shift() ?? { outcome: 'resolved', address };
    },
    format: ({ title, body }) => toPlain(title === null ? body : [{ kind: 'paragraph', children: title }, ...body]),
    canEdit: true,
    togetherAtMost: 10,
    bodyUnits: () => 4_000,
    together: (messages) => ({
      payload: messages.map((message) => toPlain(message.body)).join(' + '),
      carried: messages.length,
    }),
    async send(request, signal) {
      requests.push(request);
      const platformId = idOf(request);
      const answer = adapter.answerTo(request) ?? answers.shift() ?? { outcome: 'sent', platformId };
      const result = typeof answer === 'function' ? await answer(request, signal) : answer;
      if (result.outcome === 'sent') show(request, result.platformId);
      return result;
    },
    async find(request) {
      lookups.push(request);
      return finds.shift() ?? { outcome: 'absent' };
    },
    async stop() {},
    take(request) {
      const room = rooms.get(request.room) ?? new Map<string, string>();
      rooms.set(request.room, room);
      // A key that the platform remembers makes no second message.
      if (!room.has(request.key)) room.set(request.key, request.payload);
    },
  };
  return adapter;
}
