import type { Answer } from '../../commands/invocation.ts';
import type { Message } from '../../render/message.ts';
import { type Say, speak } from '../../render/speak.ts';
import { toEmbed } from './format/embed.ts';
import { toContent } from './format/plain.ts';

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
  return content !== null && content.length <= longestContent
    ? { content, flags: whom | suppressEmbeds, ...mentions }
    : { embeds: [toEmbed(message, null)], flags: whom, ...mentions };
}

function isPlain({ title, fields, image, footer }: Message): boolean {
  return title === null && fields.length === 0 && image === null && footer === null;
}
