import type { Choice } from '../../commands/complete.ts';
import type { Answer } from '../../commands/invocation.ts';
import type { Say } from '../../render/speak.ts';
import { answerForm, ephemeral } from './answer-form.ts';
import { type AskOptions, askPatiently } from './ask-patiently.ts';
import type { Exchange } from './exchange.ts';
import type { Interaction } from './interaction.ts';

/** The first answer to an interaction. `deferred`: the answer comes later. */
export type FirstAnswer =
  | { readonly kind: 'pong' }
  | { readonly kind: 'choices'; readonly choices: readonly Choice[] }
  | { readonly kind: 'message'; readonly said: Answer }
  | { readonly kind: 'deferred' };

export interface AnswerOptions extends AskOptions {
  /** Writes the commands that an answer names. */
  readonly say: Say;
}

/** Gives the first answer to an interaction. */
export async function answerFirst(
  { id, token }: Interaction,
  answer: FirstAnswer,
  options: AnswerOptions,
): Promise<Exchange> {
  const body = JSON.stringify(callbackOf(answer, options.say));
  return askPatiently({ method: 'POST', route: `/interactions/${id}/${token}/callback`, body }, options);
}

/** Puts an answer in the place of the one that was deferred; who sees it was decided by then. */
export async function answerDeferred(
  { application, token }: Interaction,
  said: Answer,
  options: AnswerOptions,
): Promise<Exchange> {
  const { flags: _, ...form } = answerForm(said, options.say);
  const route = `/webhooks/${application}/${token}/messages/@original` as const;
  return askPatiently({ method: 'PATCH', route, body: JSON.stringify(form) }, options);
}

/** Posts an answer as a message of its own. */
export async function answerInChannel(
  { channel }: Pick<Interaction, 'channel'>,
  said: Answer,
  options: AnswerOptions,
): Promise<Exchange> {
  const body = JSON.stringify(answerForm(said, options.say));
  return askPatiently({ method: 'POST', route: `/channels/${channel}/messages`, body }, options);
}

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
function callbackOf(answer: FirstAnswer, say: Say): object {
  switch (answer.kind) {
    case 'pong':
      return { type: 1 };
    case 'message':
      return { type: 4, data: answerForm(answer.said, say) };
    case 'deferred':
      return { type: 5, data: { flags: ephemeral } };
    case 'choices':
      return { type: 8, data: { choices: answer.choices } };
    default:
      return answer satisfies never;
  }
}
