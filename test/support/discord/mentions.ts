import type { AllowedMentions } from './check-message.ts';

/** The people whom a message would notify. */
export interface Mentions {
  readonly everyone: boolean;
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

const ids = (content: string, pattern: RegExp) => [...new Set([...content.matchAll(pattern)].map(([, id = '']) => id))];

/**
 * Returns the mentions of a message. Only the text counts, with mentions at any place, even after a backslash: the
 * server does not parse Markdown. Embeds do not ping. Without `allowed_mentions` every written mention counts, and the
 * author of the message replied to. https://docs.discord.com/developers/resources/message#allowed-mentions-object
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
