import { format } from '../../../../src/adapters/discord/format/format.ts';
import type { Block, Inline, Message } from '../../../../src/render/message.ts';

export const key = 'AAAAAAAAAAAAAAAAAAAAAA';
export const link = 'https://metasmoke.erwaysoftware.com/post/123';
export const marked = `${link}#lk-${key}`;

export const text = (value: string): Inline => ({ kind: 'text', text: value });
export const code = (value: string): Inline => ({ kind: 'code', text: value });
export const over = (kind: 'strong' | 'em' | 'del' | 'spoiler', ...children: Inline[]): Inline => ({ kind, children });
export const linked = (url: string, ...children: Inline[]): Inline => ({ kind: 'link', url, children });
export const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });

/** A message with nothing in it but `parts`. */
export function messageOf(parts: Partial<Message>): Message {
  return {
    title: null,
    url: null,
    color: null,
    body: [],
    fields: [],
    footer: null,
    image: null,
    link: null,
    ...parts,
  };
}

/** An embed as we send it. */
export interface SentEmbed {
  readonly title?: string;
  readonly url?: string;
  readonly description?: string;
  readonly color?: number;
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline: boolean }[];
  readonly footer?: { readonly text: string };
  readonly image?: { readonly url: string };
}

/** The one embed that a message becomes. */
export function embedOf(parts: Partial<Message>): SentEmbed {
  const { embeds } = JSON.parse(format(messageOf(parts), key, { embeds: true }));
  if (embeds.length !== 1) throw new Error(`${embeds.length} embeds`);
  return embeds[0];
}

/** The content that it becomes where there are no embeds. */
export function contentOf(parts: Partial<Message>): string {
  return JSON.parse(format(messageOf(parts), key, { embeds: false })).content;
}

/** The description that a body becomes. */
export function descriptionOf(...body: Block[]): string {
  return embedOf({ body }).description ?? '';
}
