import { excerpt } from '../text/excerpt.ts';
import { shownLine } from '../text/shown.ts';
import type { Block, Inline, Message } from './message.ts';

/** Limit of a foreign text, characters. It is shown on one line. */
const longest = 300;

/** Literal text, our own or foreign. */
const words = (text: string): Inline => ({ kind: 'text', text: shownLine(excerpt(text, longest)) });

/** Text to be typed or copied: literal, as code. */
export const code = (text: string): Inline => ({ kind: 'code', text: shownLine(excerpt(text, longest)) || ' ' });

/**
 * A command to be typed or pasted, `unmute m2`: each chat puts its sign before it. Every command that an answer or a notice names is
 * written so.
 */
export const typed = (text: string): Inline => ({ kind: 'command', text: shownLine(excerpt(text, longest)) || ' ' });

/** A person by the platform's id; the name that is known of them is added by `addNames`. */
export const person = (id: string): Inline => ({ kind: 'person', id, text: shownLine(excerpt(id, longest)) });

/** An instant, Unix milliseconds, with the text for chats that cannot show it by each reader's own clock. */
export const time = (at: number, style: 'moment' | 'distance' | 'both', text: string): Inline => ({
  kind: 'time',
  at,
  style,
  text: shownLine(excerpt(text, longest)),
});

/** Literal text, hidden until a reader opens it. */
export const spoiler = (text: string): Inline => ({ kind: 'spoiler', children: [words(text)] });

/** A link; used for addresses of metasmoke. */
export const link = (url: string, text: string): Inline => ({ kind: 'link', url, children: [words(text)] });

const inline = (part: string | Inline): Inline => (typeof part === 'string' ? words(part) : part);

export const paragraph = (...parts: readonly (string | Inline)[]): Block => ({
  kind: 'paragraph',
  children: parts.filter((part) => part !== '').map(inline),
});

export const list = (items: readonly (readonly (string | Inline)[])[]): Block => ({
  kind: 'list',
  ordered: false,
  items: items.map((item) => [paragraph(...item)]),
});

/** Several lines with aligned columns. */
export const lines = (text: string): Block => ({ kind: 'codeBlock', text });

export const messageOf = (body: readonly Block[]): Message => ({
  title: null,
  url: null,
  color: null,
  body,
  fields: [],
  footer: null,
  image: null,
  link: null,
});
