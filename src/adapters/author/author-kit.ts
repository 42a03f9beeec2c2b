import { problem } from '../../config/address.ts';
import { choice, duration, flag, integer, secret, text, texts } from '../../config/key.ts';
import { readSecret } from '../../config/read-secret.ts';
import { readServer } from '../../config/read-server.ts';
import { getText, getTexts } from '../../config/tree.ts';
import { retryAfterHeader } from '../../http/retry-after.ts';
import { createTransport } from '../../http/transport.ts';
import { cutBlocks } from '../format/cut.ts';
import { leavesOf } from '../format/leaves.ts';
import type { Platform } from '../platform.ts';

export type { Message } from '../../render/message.ts';
export type { Mention } from '../../words.ts';
export type {
  Account,
  Adapter,
  FindRequest,
  FindResult,
  Listener,
  LoginResult,
  ResolveResult,
  SendAction,
  SendRequest,
  SendResult,
  Together,
} from '../adapter.ts';
export type { AdapterParts, Platform } from '../platform.ts';

/**
 * The parts of Lookout that the adapter of another package is handed, so that it imports nothing of Lookout's when it
 * runs. What is not in here may change with any version.
 */
export const authorKit = {
  /** Makes keys of `chats.<platform>`: their kind, default and description. */
  keys: { text, texts, flag, integer, duration, choice, secret },
  /** Reads a text of the block; null if there is none. */
  getText,
  getTexts,
  /** Reads the address of a server; null if it is wrong, which is reported. */
  readServer,
  /** Reads a token, or the file that holds it, and keeps it out of every log; null if there is none or it is wrong. */
  readSecret,
  /** Returns a mistake in an address, with its correction. */
  addressProblem: problem,
  /** Shortens the blocks of a message to about a number of UTF-16 units, and ends them with "…" where they were cut. */
  cutBlocks,
  /** Returns the texts of blocks in the order in which they are read. */
  leavesOf,
  /** Makes a client for HTTP over the operator's proxies and CAs. Its error says whether anything was written. */
  createTransport,
  /** Returns the wait that a `Retry-After` header requests, ms; null if it cannot be read. */
  retryAfterHeader,
} as const;

export type AuthorKit = typeof authorKit;

/** The default export of a package with an adapter. */
export type DefinePlatform = (kit: AuthorKit) => Platform;
