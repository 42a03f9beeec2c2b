import type { Adapter, SendRequest } from '../adapters/adapter.ts';
import type { Message } from '../render/message.ts';
import type { PlatformName } from '../words.ts';

/** About the room of a chat's message, UTF-16 units, and of one with several. */
const bodyUnits = 4_000;
const mostTogether = 10;

export interface TrialAdapterOptions {
  readonly platform: PlatformName;
  /** The user that the account is. */
  readonly user: string;
  /** Returns a message as it is handed to `onSend`. */
  readonly format: (message: Message, room: string) => string;
  /** Called with each request that would change a room, in order. */
  readonly onSend: (platform: PlatformName, request: SendRequest) => Promise<void>;
}

/** Creates an adapter that reaches no chat: every room exists, and takes what it is sent at once. */
export function createTrialAdapter({ platform, user, format, onSend }: TrialAdapterOptions): Adapter {
  let sends = 0;
  return {
    platform,
    idempotentForMs: 86_400_000,
    listen() {},
    login: async () => ({ outcome: 'ready', account: { id: user, device: null } }),
    isAlias: () => false,
    seals: () => false,
    describeEncryption: async () => null,
    connections: () => [],
    resolve: async (address) => ({ outcome: 'resolved', address }),
    format: (message, _, room) => format(message, room),
    canEdit: true,
    togetherAtMost: mostTogether,
    bodyUnits: () => bodyUnits,
    together: (messages, _, room) => ({
      payload: messages.map((message) => format(message, room)).join('\n'),
      carried: messages.length,
    }),
    gathersSubjects: () => false,
    async send(request) {
      const { action = { kind: 'create' } } = request;
      await onSend(platform, request);
      const platformId = action.kind === 'edit' || action.kind === 'redact' ? action.target : `trial-${++sends}`;
      return { outcome: 'sent', platformId };
    },
    find: async () => ({ outcome: 'absent' }),
    async stop() {},
  };
}
