import type { Answer, Offer } from '../../commands/invocation.ts';
import type { Message } from '../../render/message.ts';
import { type Say, speak } from '../../render/speak.ts';
import { toEmbed } from './format/embed.ts';
import { greyButton } from './format/format.ts';
import { toContent } from './format/plain.ts';
import { idOfOffer } from './offer-id.ts';

/** Shown to the asker alone (https://discord.com/developers/docs/resources/message#message-object-message-flags). */
export const ephemeral = 64;
const suppressEmbeds = 4;

/** A message of plain words longer than this is cut as content, in UTF-16 units; an embed holds more. */
const longestContent = 1_900;

/** The answer to an interaction, as Discord shows it. It mentions no one. `say` writes the commands that it names. */
export function answerForm(answer: Answer, say: Say): Readonly<Record<string, unknown>> {
  const { private: isPrivate } = answer;
  const message = speak(answer.message, say);
  const whom = isPrivate ? ephemeral : 0;
  const mentions = { allowed_mentions: { parse: [] } };
  const content = isPlain(message) ? toContent(message, null) : null;
  const shown =
    content !== null && content.length <= longestContent
      ? { content, flags: whom | suppressEmbeds }
      : { embeds: [toEmbed(message, null)], flags: whom };
  return { ...shown, ...mentions, ...buttonsOf(answer.offers ?? []) };
}

/** A row holds at most five (https://discord.com/developers/docs/components/reference#action-row). */
const mostButtons = 5;

function buttonsOf(offers: readonly Offer[]): object {
  const buttons = offers.slice(0, mostButtons).map((offer) => greyButton(offer.label, idOfOffer(offer)));
  return buttons.length === 0 ? {} : { components: [{ type: 1, components: buttons }] };
}

function isPlain({ title, fields, image, footer }: Message): boolean {
  return title === null && fields.length === 0 && image === null && footer === null;
}
