import type { Message } from '../render/message.ts';
import type { Mention } from '../words.ts';

/** A message as it looks on a platform, drawn without an account. */
export interface Sketch {
  /** The words, as a client without pictures shows them; with our own colours on a platform that has no other. */
  readonly text: string;
  /** The request's body, as JSON. */
  readonly payload: string;
  /** Returns the message as HTML, for a page. Throws a `MissingPartError` if a package for that is not installed. */
  html(): Promise<string>;
}

export interface SketchOptions {
  /** The name of the room. */
  readonly room: string;
  /** The columns of a terminal. */
  readonly columns: number;
  readonly mentions: readonly Mention[];
  /** When it was sent, Unix milliseconds. */
  readonly at: number;
}

/** Draws a message. Imports what it needs when it is called. */
export type DrawSketch = (message: Message, options: SketchOptions) => Promise<Sketch>;
