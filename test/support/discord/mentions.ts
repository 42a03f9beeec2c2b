import type { AllowedMentions } from './check-message.ts';

/** Who would be told of a message. */
export interface Mentions {
  readonly everyone: boolean;
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

const ids = (content: string, pattern: RegExp) => [...new Set([...content.matchAll(pattern)].map(([, id = '']) => id))];

/**
 * Whom a message pings. The text alone counts, wherever the mention stands in it, also after a backslash: the server knows no Markdown.
 * Embeds ping nobody. Without `allowed_mentions` all that is written counts, and who is replied to.
 * https://docs.discord.com/developers/resources/message#allowed-mentions-object
 */
export function mentionsOf(
  content: string,
  allowed: AllowedMentions | null | undefined,
  repliedTo: string | null,
): Mentions {
  const users = ids(content, /<@!?(\d+)>/g);
  const roles = ids(content, /<@&(\d+)>/g);
  const everyone = /@(?:everyone|here)/.test(content);
  const reply = repliedTo === null ? [] : [repliedTo];
  if (allowed === null || allowed === undefined) return { everyone, users: [...new Set([...users, ...reply])], roles };
  const parses = (kind: string) => allowed.parse?.includes(kind) ?? false;
  const pick = (kind: 'users' | 'roles', found: readonly string[]) =>
    parses(kind) ? found : found.filter((id) => allowed[kind]?.includes(id));
  return {
    everyone: everyone && parses('everyone'),
    users: [...new Set([...pick('users', users), ...(allowed.replied_user ? reply : [])])],
    roles: pick('roles', roles),
  };
}
