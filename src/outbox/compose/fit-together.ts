import type { Together } from '../../adapters/adapter.ts';
import type { Message } from '../../render/message.ts';
import type { CardMessage } from './draw.ts';

/**
 * Returns the payload of a message that keeps all its slots. If they have outgrown it, slots are cut to their titles: first
 * those that are over, from the first on, then the others.
 */
export function fitTogether(
  slots: readonly CardMessage[],
  together: (messages: readonly Message[]) => Together,
): string {
  let fitting = slots.map(({ message }) => message);
  const rank = (index: number) => (slots[index]?.isOver === true ? 0 : 1);
  for (const index of [...slots.keys()].sort((a, b) => rank(a) - rank(b) || a - b)) {
    const { payload, carried } = together(fitting);
    if (carried === slots.length) return payload;
    fitting = fitting.map((message, at) => (at === index ? titleOf(message) : message));
  }
  return together(fitting).payload;
}

/** A message without a title stays as it is. */
function titleOf(message: Message): Message {
  return message.title === null ? message : { ...message, body: [], fields: [], footer: null, image: null };
}
