import { countWithin } from '../../../count-within.ts';
import { objectOf } from '../../../http/json.ts';
import type { Message } from '../../../render/message.ts';
import type { Together } from '../../adapter.ts';
import { embedLength, toEmbed } from './embed.ts';
import { limits } from './limits.ts';
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
  return payloadOf({ ...shown, ...button }, key);
}

/** How many embeds a message may have. */
export const mostEmbeds = 10;

/**
 * The same for several messages: an embed each, as many as the limits of them all together let, in a room without Embed
 * Links one text below the other. The first that has a link to metasmoke carries the mark.
 */
export function together(messages: readonly Message[], key: string, look: { readonly embeds: boolean }): Together {
  let isMarked = false;
  const firstMark = ({ link }: Message) => {
    const mark = isMarked ? null : markOf(link, key);
    isMarked ||= mark !== null;
    return mark;
  };
  if (!look.embeds) {
    const texts = messages.map((message) => toContent(message, firstMark(message)));
    const carried = countWithin(
      texts.map((text) => text.length + textGap.length),
      limits.content,
    );
    return {
      payload: payloadOf({ content: texts.slice(0, carried).join(textGap), flags: suppressEmbeds }, key),
      carried,
    };
  }
  const embeds = messages.slice(0, mostEmbeds).map((message) => toEmbed(message, firstMark(message)));
  const carried = countWithin(embeds.map(embedLength), limits.embeds);
  return { payload: payloadOf({ embeds: embeds.slice(0, carried) }, key), carried };
}

const textGap = '\n\n';

function payloadOf(shown: object, key: string): string {
  return JSON.stringify({
    ...shown,
    nonce: key,
    enforce_nonce: true,
    // Nobody is mentioned, whatever the text says.
    allowed_mentions: { parse: [] },
  });
}

/**
 * A stored payload as the body of an edit (https://discord.com/developers/docs/resources/message#edit-message): without the
 * nonce, which is of a create alone; what the message had and has no more is taken away.
 */
export function asEdit(payload: string): string {
  const { nonce: _, enforce_nonce: __, ...body } = objectOf(JSON.parse(payload));
  return JSON.stringify({ content: null, embeds: [], ...body });
}

/** https://discord.com/developers/docs/components/reference#button: a grey one in a row of its own. */
const muteRow = (id: string) => ({
  type: 1,
  components: [{ type: 2, style: 2, label: 'Mute events like this', custom_id: id }],
});
