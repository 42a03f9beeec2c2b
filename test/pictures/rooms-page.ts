import { discordToHtml } from '../../src/adapters/discord/to-html.ts';
import { page } from '../../src/pictures/page.ts';
import { matrixToHtml } from './matrix-html.ts';
import type { Shown } from './show-events.ts';
import { terminalSection } from './terminal-section.ts';

/** Returns a page with the same events in three rooms, the two chats above the terminal. */
export async function roomsPage({ terminal, room, channel }: Shown): Promise<string> {
  return page(`${await discordToHtml('smoke', channel)}
${matrixToHtml(room)}
${terminalSection('lookout run', terminal)}`);
}
