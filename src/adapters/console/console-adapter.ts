import type { Readable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';
import { shownLine } from '../../text/shown.ts';
import type { Clock } from '../../time/clock.ts';
import type { Mention } from '../../words.ts';
import type { Adapter, SendResult } from '../adapter.ts';
import { type CommandLines, listenForCommandLines, signOfRoom } from './command-lines.ts';
import { format, roomHeader } from './format.ts';

export interface ConsoleOptions {
  /** Writes to the terminal or file; rejects with the system's error where that is gone or full. */
  readonly write: (text: string) => Promise<void>;
  /** True if the output understands colours. */
  readonly color: boolean;
  /** Columns of the terminal, 100 by default. */
  readonly width?: number;
  /** Where commands are typed; null: nowhere. Nothing is read before `listen`. */
  readonly input: Readable | null;
  readonly clock: Clock;
}

/** Errors of an output without a reader: every further write fails too. */
const gone: ReadonlySet<string> = new Set([
  'EPIPE',
  'EIO',
  'EBADF',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_ALREADY_FINISHED',
]);

/** Some thirty lines. */
const bodyUnits = 2_500;
/** More names than this are a list of members. */
const mostNamed = 20;
/** The most messages in one write. */
const mostTogether = 10;

/** After a write that failed for another reason (a full disk), in milliseconds. */
const waitMs = 5_000;

/**
 * Shows messages on the terminal that Lookout runs in. A room is any name. Payloads hold colours whether or not they are
 * wanted, since the output may be another one when they are sent: they are taken out then.
 *
 * A reply, and what goes into a thread, is printed as any message: what it is about stands further up. What was printed stays:
 * an edit or a reaction is rejected like one that comes too late, so that it can come as a message instead, once, and
 * nothing is lost; a reaction is then never there, so that to take one away is done.
 */
export function createConsoleAdapter(options: ConsoleOptions): Adapter {
  const { write, color, width = 100, input, clock } = options;
  let lines: CommandLines | null = null;
  let firstRoom: string | null = null;
  const signIn = (room: string) => signOfRoom(room, firstRoom ?? room);

  return {
    platform: 'console',
    // Written twice is shown twice.
    idempotentForMs: 0,
    listen({ rooms, roomNames, namedRoom, table, run }) {
      firstRoom = rooms[0] ?? null;
      lines = listenForCommandLines({ input, rooms, roomNames, namedRoom, table, run, write, color, width, clock });
    },
    login: async () => ({ outcome: 'ready', account: { id: 'console', device: null } }),
    gathersSubjects: () => false,
    seals: () => false,
    describeEncryption: async () => null,
    connections: () => [],
    isAlias: () => false,
    resolve: async (address) => ({ outcome: 'resolved', address }),
    format: (message, _, room, mentions = []) => named(mentions) + format(message, width, signIn(room)),
    canEdit: false,
    togetherAtMost: mostTogether,
    bodyUnits: () => bodyUnits,
    together: (messages, _, room, mentions = []) => ({
      payload: named(mentions) + messages.map((message) => format(message, width, signIn(room))).join('\n'),
      carried: messages.length,
    }),

    async send({ room, key, payload, action = { kind: 'create' } }): Promise<SendResult> {
      switch (action.kind) {
        case 'create':
        case 'reply':
        case 'thread':
          return print(room, key, payload);
        case 'edit':
        case 'react':
          return { outcome: 'rejected', reason: 'what was printed cannot be changed', target: 'tooOld' };
        case 'redact':
          return { outcome: 'sent', platformId: action.target };
        default:
          return action satisfies never;
      }
    },

    find: async () => ({ outcome: 'unreadable', reason: 'a terminal cannot be read back' }),
    stop: async () => lines?.stop(),
  };

  async function print(room: string, key: string, payload: string): Promise<SendResult> {
    const text = `${roomHeader(room)}${payload}\n`;
    try {
      await write(color ? text : stripVTControlCharacters(text));
      return { outcome: 'sent', platformId: key };
    } catch (error) {
      return failure(error);
    }
  }
}

/** A line with those whom a message is for, as they are written: a terminal that is left alone rings no bell. */
function named(mentions: readonly Mention[]): string {
  if (mentions.length === 0) return '';
  const names = mentions.slice(0, mostNamed).map(({ id }) => shownLine(id));
  return `${styleText('bold', names.join(' '), { validateStream: false })}\n`;
}

function failure(error: unknown): SendResult {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const name = typeof code === 'string' ? code : 'unknown error';
  if (gone.has(name)) return { outcome: 'accountBroken', reason: `the console is gone (${name})` };
  // Some of it may have been written.
  return { outcome: 'unknown', waitMs, reason: `the console could not be written to (${name})` };
}
