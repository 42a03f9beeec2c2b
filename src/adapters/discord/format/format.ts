import type { Message } from '../../../render/message.ts';
import { toEmbed } from './embed.ts';
import { markOf } from './metasmoke-link.ts';
import { toContent } from './plain.ts';

/** https://discord.com/developers/docs/resources/message#message-object-message-flags */
const suppressEmbeds = 4;

/**
 * JSON of the body of `POST /channels/{id}/messages` (https://discord.com/developers/docs/resources/message#create-message).
 * `embeds`: whether the bot may use them in the room (Embed Links); if not, the same stands in the content.
 */
export function format(message: Message, key: string, look: { readonly embeds: boolean }): string {
  const mark = markOf(message.link, key);
  const shown = look.embeds
    ? { embeds: [toEmbed(message, mark)] }
    : { content: toContent(message, mark), flags: suppressEmbeds };
  return JSON.stringify({
    ...shown,
    nonce: key,
    enforce_nonce: true,
    // Nobody is mentioned, whatever the text says.
    allowed_mentions: { parse: [] },
  });
}
