import { styleText } from 'node:util';
import { shownLine } from '../render/shown.ts';

/** What a newcomer reads above the sample events: what this is, and how to go on to real rooms. */
export function demoBanner(configFile: string, color: boolean): string {
  const strong = (text: string) => (color ? styleText('bold', text) : text);
  return [
    '',
    strong('Lookout is playing sample events into console rooms: no account, no network, nothing stored.'),
    'To go on to real rooms:',
    `  1. cp ${shownLine(configFile)} config.yaml, and put your source, rooms and subscriptions into it;`,
    '     README.md, "A first Matrix room", has the ten lines that it takes.',
    '  2. npx lookout check     says what is wrong in it, and where, before anything runs.',
    '  3. npm start             runs config.yaml from then on.',
    'Ctrl-C ends it.',
    '',
    '',
  ].join('\n');
}
