import type { Mention } from '../../../words.ts';

/** Discord allows 100 of each kind; more than these few leave no room for what they are pinged for. */
const most = 20;

/** A Discord id. */
const snowflake = /^\d{17,20}$/;

/** The people and roles that a message pings. */
export interface Pinged {
  /** Stands before the content, which alone pings: embeds never do. Empty if it pings no one. */
  readonly text: string;
  /** https://discord.com/developers/docs/resources/message#allowed-mentions-object */
  readonly allowed: {
    readonly parse: readonly string[];
    readonly users?: readonly string[];
    readonly roles?: readonly string[];
  };
}

/** The message mentions no one, whatever its text says. */
export const noOne = { parse: [] } as const;

/** The first twenty of the mentions that are Discord's, each once. */
export function pingedBy(mentions: readonly Mention[]): Pinged {
  const texts = new Map<string, Mention>();
  for (const mention of mentions) {
    if (!snowflake.test(mention.id) || texts.size >= most) continue;
    texts.set(mention.kind === 'user' ? `<@${mention.id}>` : `<@&${mention.id}>`, mention);
  }
  if (texts.size === 0) return { text: '', allowed: noOne };
  const ids = (kind: Mention['kind']) => [...texts.values()].filter((each) => each.kind === kind).map(({ id }) => id);
  return { text: [...texts.keys()].join(' '), allowed: { parse: [], users: ids('user'), roles: ids('role') } };
}
