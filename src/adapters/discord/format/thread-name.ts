import { listOf, objectOf, textOf } from '../../../text/json.ts';
import { fitPlain } from './fit.ts';

/** https://discord.com/developers/docs/resources/channel#start-thread-from-message: 1 to 100 characters; we count UTF-16 units. */
const limit = 100;
/** The name of a thread whose message has no title, or none that may be shown. */
export const plainThreadName = 'Updates';

/** The name of the thread that a stored payload goes to: the title of its first embed. Names have no Markdown. */
export function threadName(payload: string): string {
  return fitPlain([{ kind: 'text', text: titleOf(payload) }], limit).text || plainThreadName;
}

/** The title of a stored payload as plain text; '' if it has none. */
export function titleOf(payload: string): string {
  const [first] = listOf(objectOf(JSON.parse(payload)).embeds);
  return withoutMarkdown(textOf(objectOf(first).title) ?? '');
}

/** The text of one line of the Markdown that we write: code as it is, else without backslashes and delimiters. */
export function withoutMarkdown(markdown: string): string {
  return markdown.replace(
    /(`+) ?([^`]|[^`][\s\S]*?[^`]) ?\1(?!`)|\\([^0-9A-Za-z\s])|\*+|~~|\|\|/g,
    (_, fence?: string, code?: string, character?: string) =>
      fence === undefined ? (character ?? '') : (code ?? '').trim(),
  );
}
