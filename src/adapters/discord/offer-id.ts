import type { Offer } from '../../commands/invocation.ts';

/** Length limit of a `custom_id` (https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id). */
const longestId = 100;

/** Returns the `custom_id` of the button that runs a command of an answer: what is needed to run it, since nothing is stored for it. */
export function idOfOffer({ line, about }: Pick<Offer, 'line' | 'about'>): string {
  // A message in a thread is known by its own id there: the button stands in the same thread.
  const id = `lookout:run:${about?.split('/').at(-1) ?? ''}:${line}`;
  if (id.length > longestId) throw new Error(`a button's command is too long: ${id}`);
  return id;
}

/** Returns the command that a button of an answer runs; null for any other button. */
export function offerOfId(id: string): Pick<Offer, 'line' | 'about'> | null {
  const [, about, line] = /^lookout:run:(\d{0,20}):(.+)$/.exec(id) ?? [];
  return about === undefined || line === undefined ? null : { line, about: about === '' ? null : about };
}
