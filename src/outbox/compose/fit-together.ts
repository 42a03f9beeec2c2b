import type { Together } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import { grey } from './digest-message.ts';

/**
 * The payload of a message whose slots are all to stay in it: where they have outgrown it, first those are cut to their titles
 * that are grey (nobody needs to look at them any more), from the first on, then the others.
 */
export function fitTogether(
  messages: readonly Message[],
  together: (messages: readonly Message[]) => Together,
): string {
  let fitting = messages;
  for (const index of [...messages.keys()].sort((a, b) => rank(messages[a]) - rank(messages[b]) || a - b)) {
    const { payload, carried } = together(fitting);
    if (carried === messages.length) return payload;
    fitting = fitting.map((message, at) => (at === index ? titleOf(message) : message));
  }
  return together(fitting).payload;
}

const rank = (message: Message | undefined) => (message?.color === grey ? 0 : 1);

/** Without a title there is nothing to cut to. */
function titleOf(message: Message): Message {
  return message.title === null ? message : { ...message, body: [], fields: [], footer: null, image: null };
}
