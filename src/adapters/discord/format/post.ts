import { objectOf, textOf } from '../../../text/json.ts';
import { fitPlain } from './fit.ts';
import { titleOf, withoutMarkdown } from './thread-name.ts';

/** https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel: 1 to 100 characters; we count UTF-16 units. */
const limit = 100;
/** The title of a post whose message has none, or none that may be shown. */
export const plainPostTitle = 'Report';

/** The title of a post in a forum: the configured one, in which `{title}` stands for the title of the message, or its first line. */
export function postTitle(payload: string, pattern: string): string {
  const title = titleOf(payload) || firstLine(payload) || plainPostTitle;
  const text = pattern.replaceAll('{title}', () => title).trim();
  return fitPlain([{ kind: 'text', text }], limit).text || plainPostTitle;
}

function firstLine(payload: string): string {
  const content = textOf(objectOf(JSON.parse(payload)).content) ?? '';
  const lines = content.split('\n').filter((line) => line.trim() !== '' && !/^(?:<@&?\d+>\s*)+$/.test(line));
  return withoutMarkdown(
    (lines[0] ?? '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/:?\s*<https?:[^>]*>/g, ''),
  ).trim();
}

/** A stored payload as the body of a post, which takes no nonce. */
export function asPost(
  payload: string,
  { name, tags }: { readonly name: string; readonly tags: readonly string[] },
): string {
  const { nonce: _, enforce_nonce: __, ...message } = objectOf(JSON.parse(payload));
  return JSON.stringify({ name, ...(tags.length > 0 && { applied_tags: tags }), message });
}
