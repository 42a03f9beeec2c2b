import { listOf, objectOf } from '../../../text/json.ts';
import { isPostLink } from '../../format/post-link.ts';
import { markedLinkIn } from './mark.ts';

/** https://discord.com/developers/docs/resources/message#message-object-message-flags */
const suppressEmbeds = 4;

/**
 * A stored payload without the text that a content filter refuses: what remains is its link to metasmoke with the mark, its buttons and
 * whom it pings.
 */
export function standIn(payload: string, key: string): string {
  const { content: _, embeds: __, ...rest } = objectOf(JSON.parse(payload));
  const marked = markedLinkIn(payload, key);
  const what = marked !== null && isPostLink(marked.url) ? 'A report' : 'A message';
  const said = `${what} that Discord does not let us show${marked === null ? '.' : `: <${marked.marked}>`}`;
  const content = [...pingsOf(objectOf(rest.allowed_mentions)), said].join('\n');
  return JSON.stringify({ ...rest, content, flags: suppressEmbeds });
}

/** The pings that a payload allows, as Discord's Markdown (https://discord.com/developers/docs/reference#message-formatting). */
function pingsOf({ users, roles }: Readonly<Record<string, unknown>>): readonly string[] {
  const pings = [...listOf(users).map((id) => `<@${id}>`), ...listOf(roles).map((id) => `<@&${id}>`)];
  return pings.length === 0 ? [] : [pings.join(' ')];
}
