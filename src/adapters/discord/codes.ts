import type { Exchange } from './exchange.ts';

/** Errors that an operation takes for something else than trouble (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json). */
export const codes = {
  unknownChannel: 10003,
  unknownMessage: 10008,
  unknownEmoji: 10014,
  threadIsArchived: 50083,
  /** "Cannot reply without permission to read message history". */
  replyNeedsHistory: 160002,
  /** "A thread has already been created for this message". */
  threadIsThere: 160004,
} as const;

/** Discord's code of a refusal; null if there is none. */
export function codeOf(exchange: Exchange): number | null {
  return exchange.kind === 'refused' && exchange.isDiscords ? exchange.code : null;
}
