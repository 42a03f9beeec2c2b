import type { Adapter, Listener, SendResult } from '../../../src/adapters/adapter.ts';
import { leavesOf } from '../../../src/adapters/format/leaves.ts';
import type { AdapterParts, Platform } from '../../../src/adapters/platform.ts';
import { problem } from '../../../src/config/address.ts';
import { text } from '../../../src/config/key.ts';
import { readServer } from '../../../src/config/read-server.ts';
import { getText } from '../../../src/config/tree.ts';
import type { Message } from '../../../src/render/message.ts';

interface HookSettings {
  readonly url: string;
}

const isId = (id: string) => id.startsWith('~');

/** A platform as small as one can be: messages are posted to a URL, and the answer says what people wrote meanwhile. */
export const hook: Platform<HookSettings> = {
  name: 'hook',
  title: 'the webhook',
  settings: {
    keys: { url: text({ says: 'where messages are posted', isRequired: true, example: 'https://example.org/hook' }) },
    says: 'the webhook',
    example: '{ url: https://example.org/hook }',
    read(context, map) {
      const written = getText(map, 'url');
      const url = written && readServer(context, written, { key: 'url', example: 'https://…', path: 'allowed' });
      return url === null ? null : { url };
    },
    summary: ({ url }) => ({ url }),
  },
  address: {
    example: 'hook:name',
    forms: ['hook:name'],
    read: (name) =>
      /^[a-z]+$/.test(name)
        ? { outcome: 'address', address: `hook:${name}` }
        : problem(`"hook:${name}" is not a room of the webhook`, 'write "hook:" and letters'),
    explain: () => null,
  },
  people: {
    user: { kind: 'webhook user', right: '"~name"', isId, meant: () => null, doubt: () => null },
    ...{ role: null, server: null, power: null, trusted: null },
    permission: 'a friend here',
  },
  mention: { forms: ['"~name"'], parse: (id) => (isId(id) ? { kind: 'user', id } : null) },
  messageId: (link) => /^https:\/\/hook\.test\/(\w+)$/.exec(link)?.[1] ?? null,
  messageLink: () => null,
  answersAlone: false,
  showsByPermission: false,
  counters: [{ name: 'posts_total', help: 'Requests to the webhook.' }],
  brokenForGood: null,
  setup: null,
  tools: [],
  inspect: () => null,
  createAdapter: async (settings, parts) => createHookAdapter(settings, parts),
};

function createHookAdapter({ url }: HookSettings, { count }: AdapterParts): Adapter {
  let listener: Listener | null = null;
  const shown = ({ body }: Message) =>
    leavesOf(body)
      .map((leaf) => leaf.text)
      .join(' ');

  async function post(room: string, key: string, payload: string): Promise<SendResult> {
    count('posts_total');
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ room, payload }) });
    const said = (await answer.json()) as readonly { readonly who: string; readonly text: string }[];
    for (const line of said) void hear(room, line.who, line.text);
    return { outcome: 'sent', platformId: key };
  }

  async function hear(room: string, who: string, line: string): Promise<void> {
    const asker = { id: who, roles: [], manages: false, power: null };
    const rest = { key: null, platform: 'hook', direct: false, answered: 'free', about: null } as const;
    const answer = await listener?.run({ ...rest, room, asker, said: { kind: 'line', text: line } });
    if (answer != null) await post(room, '', shown(answer.message));
  }

  return {
    platform: 'hook',
    idempotentForMs: 0,
    listen(one) {
      listener = one;
    },
    login: async () => ({ outcome: 'ready', account: { id: 'hook', device: null } }),
    gathersSubjects: () => false,
    seals: () => false,
    describeEncryption: async () => null,
    connections: () => [],
    isAlias: () => false,
    resolve: async (address) => ({ outcome: 'resolved', address }),
    format: (message, _, __, mentions = []) => [...mentions.map(({ id }) => id), shown(message)].join(' '),
    canEdit: false,
    togetherAtMost: 1,
    bodyUnits: () => 1_000,
    together: ([message]) => ({ payload: message === undefined ? '' : shown(message), carried: 1 }),
    send: ({ room, key, payload }) => post(room, key, payload),
    find: async () => ({ outcome: 'unreadable', reason: 'a webhook cannot be read back' }),
    stop: async () => {},
  };
}
