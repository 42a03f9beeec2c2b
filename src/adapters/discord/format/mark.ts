import { z } from 'zod';

/** The link with the fragment by which the send that made a message is found again; a fragment that is there already is replaced. */
export function markedLink(link: string, key: string): string {
  const hash = link.indexOf('#');
  return `${hash < 0 ? link : link.slice(0, hash)}${fragment(key)}`;
}

/** Returns the link that carries the mark of `key` in a payload, without and with the mark; null if none does. */
export function markedLinkIn(payload: string, key: string): { readonly url: string; readonly marked: string } | null {
  for (const [marked] of payload.matchAll(/https?:\/\/[^\s"\\<>()[\]]+/g)) {
    if (marked.endsWith(fragment(key))) return { url: marked.slice(0, -fragment(key).length), marked };
  }
  return null;
}

/** Returns true if a message, as Discord's API shows it, is the one that was sent with `key`. */
export function carriesMark(message: unknown, key: string): boolean {
  const parsed = messageShape.safeParse(message);
  if (!parsed.success) return false;
  const { content, embeds } = parsed.data;
  return [content, ...embeds.flatMap(({ url, description }) => [url, description])].some((text) =>
    holdsMark(text, key),
  );
}

const text = z.string().catch('');
const messageShape = z.object({
  content: text,
  embeds: z.array(z.object({ url: text, description: text }).catch({ url: '', description: '' })).catch([]),
});

function fragment(key: string): string {
  return `#lk-${key}`;
}

/** Returns true if the mark of `key` is in a text: in a link, or in the JSON of a payload. Not the beginning of a longer key. */
export function holdsMark(text: string, key: string): boolean {
  const mark = fragment(key);
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (!/^[\w-]/.test(text.slice(at + mark.length))) return true;
  }
  return false;
}
