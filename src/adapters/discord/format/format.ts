import type { Message } from '../../../render/message.ts';
import { countWithin } from '../../../text/count-within.ts';
import { objectOf } from '../../../text/json.ts';
import type { Mention } from '../../../words.ts';
import type { Together } from '../../adapter.ts';
import { isPostLink } from '../../format/post-link.ts';
import { embedLength, toEmbed } from './embed.ts';
import { limits } from './limits.ts';
import { noOne, type Pinged, pingedBy } from './mentions.ts';
import { markOf } from './metasmoke-link.ts';
import { toContent } from './plain.ts';

/** https://discord.com/developers/docs/resources/message#message-object-message-flags */
const suppressEmbeds = 4;

/**
 * JSON of the body of `POST /channels/{id}/messages` (https://discord.com/developers/docs/resources/message#create-message).
 * `embeds`: whether the bot may use them in the room (Embed Links); if not, the same stands in the content. `buttons`: the
 * ids of the buttons below what shows an event; without them there are none. `mentions` are pinged, no one else.
 */
export function format(message: Message, key: string, look: Look & { readonly buttons?: Buttons | null }): string {
  const mark = markOf(message.link, key);
  const pinged = pingedBy(look.mentions ?? []);
  const shown = look.embeds
    ? { ...contentOf(pinged), embeds: [toEmbed(message, mark)] }
    : { content: behind(pinged, toContent(message, mark, contentLimit(pinged))), flags: suppressEmbeds };
  return payloadOf({ ...shown, ...buttonsOf(message, look.buttons ?? null) }, key, pinged);
}

/** The ids that buttons say when they are pressed. */
interface Buttons {
  readonly mute: string;
  /** Below what is about one post. */
  readonly show: string;
}

interface Look {
  readonly embeds: boolean;
  readonly mentions?: readonly Mention[];
}

const contentOf = ({ text }: Pinged) => (text === '' ? {} : { content: text });
const behind = ({ text }: Pinged, content: string) => (text === '' ? content : `${text}\n${content}`);
const contentLimit = ({ text }: Pinged) => limits.content - (text === '' ? 0 : text.length + 1);

/** The most embeds of a message. */
export const mostEmbeds = 10;

/**
 * The same for several messages: an embed each, as many as the limits of them all together let, in a room without Embed
 * Links one text below the other. The first that has a link to metasmoke carries the mark.
 */
export function together(messages: readonly Message[], key: string, look: Look): Together {
  const pinged = pingedBy(look.mentions ?? []);
  let isMarked = false;
  const firstMark = ({ link }: Message) => {
    const mark = isMarked ? null : markOf(link, key);
    isMarked ||= mark !== null;
    return mark;
  };
  if (!look.embeds) {
    const limit = contentLimit(pinged);
    const texts = messages.map((message) => toContent(message, firstMark(message), limit));
    const carried = countWithin(
      texts.map((text) => text.length + textGap.length),
      limit,
    );
    const content = behind(pinged, texts.slice(0, carried).join(textGap));
    return { payload: payloadOf({ content, flags: suppressEmbeds }, key, pinged), carried };
  }
  const embeds = messages.slice(0, mostEmbeds).map((message) => toEmbed(message, firstMark(message)));
  const carried = countWithin(embeds.map(embedLength), limits.embeds);
  const shown = { ...contentOf(pinged), embeds: embeds.slice(0, carried) };
  return { payload: payloadOf(shown, key, pinged), carried };
}

const textGap = '\n\n';

function payloadOf(shown: object, key: string, { allowed }: Pinged): string {
  return JSON.stringify({ ...shown, nonce: key, enforce_nonce: true, allowed_mentions: allowed });
}

/**
 * A stored payload as the body of an edit (https://discord.com/developers/docs/resources/message#edit-message): without the
 * nonce, which is of a create alone; what the message had and has no more is taken away. Whom it names was pinged when it
 * came, and is not pinged again.
 */
export function asEdit(payload: string): string {
  const { nonce: _, enforce_nonce: __, ...body } = objectOf(JSON.parse(payload));
  return JSON.stringify({ content: null, embeds: [], ...body, allowed_mentions: noOne });
}

/**
 * A stored payload as a reply, which becomes a message like any other where the other is gone
 * (https://discord.com/developers/docs/resources/message#message-reference-structure). Its author is not pinged by it.
 */
export function asReply(payload: string, target: string): string {
  const body = objectOf(JSON.parse(payload));
  return JSON.stringify({
    ...body,
    allowed_mentions: { ...noOne, ...objectOf(body.allowed_mentions), replied_user: false },
    message_reference: { message_id: target, fail_if_not_exists: false },
  });
}

function buttonsOf({ link }: Message, buttons: Buttons | null): object {
  if (buttons === null || link === null) return {};
  const show = isPostLink(link) ? [greyButton('Show post', buttons.show)] : [];
  return { components: [{ type: 1, components: [...show, greyButton('Mute events like this', buttons.mute)] }] };
}

/** https://discord.com/developers/docs/components/reference#button */
export const greyButton = (label: string, id: string) => ({ type: 2, style: 2, label, custom_id: id });
