import type { Message } from '../../../render/message.ts';
import { toEmbed } from './embed.ts';
import { markOf } from './metasmoke-link.ts';
import { toContent } from './plain.ts';

/** https://discord.com/developers/docs/resources/message#message-object-message-flags */
const suppressEmbeds = 4;

/**
 * JSON of the body of `POST /channels/{id}/messages` (https://discord.com/developers/docs/resources/message#create-message).
 * `embeds`: whether the bot may use them in the room (Embed Links); if not, the same stands in the content. `muteButton`: what
 * the button says that is pressed to mute events like this one; without it there is none.
 */
export function format(
  message: Message,
  key: string,
  look: { readonly embeds: boolean; readonly muteButton?: string | null },
): string {
  const mark = markOf(message.link, key);
  const shown = look.embeds
    ? { embeds: [toEmbed(message, mark)] }
    : { content: toContent(message, mark), flags: suppressEmbeds };
  const button = look.muteButton == null || message.link === null ? {} : { components: [muteRow(look.muteButton)] };
  return JSON.stringify({
    ...shown,
    ...button,
    nonce: key,
    enforce_nonce: true,
    // Nobody is mentioned, whatever the text says.
    allowed_mentions: { parse: [] },
  });
}

/** https://discord.com/developers/docs/components/reference#button: a grey one in a row of its own. */
const muteRow = (id: string) => ({
  type: 1,
  components: [{ type: 2, style: 2, label: 'Mute events like this', custom_id: id }],
});
