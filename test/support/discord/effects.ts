import type { MessageForm } from './check-message.ts';
import { type Mentions, mentionsOf } from './mentions.ts';
import { previewsOf } from './previews.ts';

/** Receives the effects that a message would have besides being shown. */
export interface Effects {
  readonly pings: string[];
  readonly previews: string[];
}

/** Returns the people whom a message mentions, and records its pings and previews. `where`: method, channel and message. */
export function takeEffect(
  effects: Effects,
  where: string,
  form: Pick<MessageForm, 'allowed_mentions'>,
  shown: { readonly content: string; readonly flags: number },
  repliedTo: string | null,
): Mentions {
  const mentions = mentionsOf(shown.content, form.allowed_mentions, repliedTo);
  if (mentions.everyone) effects.pings.push(`${where}: everyone`);
  for (const id of mentions.users) effects.pings.push(`${where}: <@${id}>`);
  for (const id of mentions.roles) effects.pings.push(`${where}: <@&${id}>`);
  for (const address of previewsOf(shown.content, shown.flags)) effects.previews.push(`${where}: ${address}`);
  return mentions;
}
