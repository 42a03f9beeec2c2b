import { problem, shorten } from '../../config/address.ts';
import type { Platform } from '../platform.ts';

const roomName = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

export const consolePlatform: Platform = {
  name: 'console',
  title: 'the console',
  settings: {
    keys: {},
    says: 'the terminal; it is always there',
    example: null,
    read: () => ({}),
    summary: () => ({}),
  },
  address: {
    example: 'console:name',
    forms: ['console:name'],
    read: (text) =>
      roomName.test(text)
        ? { outcome: 'address', address: `console:${text}` }
        : problem(
            `"console:${shorten(text)}" is not a room of the console`,
            'write "console:" and a name of letters, digits, - and _',
          ),
    explain: () => null,
  },
  people: {
    user: null,
    role: null,
    server: null,
    power: null,
    permission: null,
    trusted: 'everyone at the terminal may change it',
  },
  mention: null,
  messageId: () => null,
  messageLink: () => null,
  answersAlone: true,
  showsByPermission: false,
  counters: [],
  brokenForGood: 'standard output has no reader any more',
  setup: null,
  tools: [],
  inspect: () => null,
  async createAdapter(_, { clock, terminal: { columns, ...terminal } }) {
    const { createConsoleAdapter } = await import('./console-adapter.ts');
    return createConsoleAdapter({ ...terminal, clock, ...(columns !== null && { width: columns }) });
  },
  async sketch(message, options) {
    const { sketchOnConsole } = await import('./sketch.ts');
    return sketchOnConsole(message, options);
  },
};
