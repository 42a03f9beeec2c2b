import { styleText } from 'node:util';
import type { Config } from '../config/config.ts';
import { placeOf } from '../store/place.ts';
import { excerpt } from '../text/excerpt.ts';
import { shownLine } from '../text/shown.ts';

/**
 * Returns the text above the sample events for newcomers: what this is, and how to set up real rooms, with the commands
 * as they are typed in a checkout (which runs TypeScript) or after an installation of the package.
 */
export function demoBanner(
  { rooms, chats, store }: Pick<Config, 'rooms' | 'chats' | 'store'>,
  color: boolean,
  isCheckout = import.meta.url.endsWith('.ts'),
): string {
  const strong = (text: string) => (color ? styleText('bold', text) : text);
  const typed = isCheckout
    ? { init: 'npx lookout init', check: 'npx lookout check', run: 'npm start' }
    : { init: 'lookout init', check: 'lookout check', run: 'lookout run' };
  const isHarmless =
    Object.values(chats).every((chat) => Object.keys(chat ?? {}).length === 0) && store.kind === 'memory';
  const names = rooms.map(({ name }) => shownLine(name));
  const [first = 'hq'] = names;
  const about = isHarmless
    ? 'Lookout is playing sample events into rooms on this terminal: no account, no network, nothing stored.'
    : `The source is demo: made-up events go to ${excerpt(names.join(', '), 200)}${store.kind === 'memory' ? '' : `, and are stored in ${shownLine(placeOf(store))}`}.`;
  return [
    '',
    strong(about),
    ...(isHarmless
      ? [
          'To set up real rooms:',
          `  1. ${typed.init.padEnd(21)} asks a few questions and writes config.yaml; README.md shows how to write it by hand.`,
          `  2. ${typed.check.padEnd(21)} reports every mistake in it, and where, before anything runs.`,
          `  3. ${typed.run.padEnd(21)} runs config.yaml from then on.`,
        ]
      : []),
    `Type /help for the commands of a room, or /${first} status for the room ${first}. Ctrl-C stops it.`,
    '',
    '',
  ].join('\n');
}
