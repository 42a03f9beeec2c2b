import { ansiToHtml } from '../../src/adapters/console/ansi-to-html.ts';
import { discordToHtml } from '../../src/adapters/discord/to-html.ts';
import { page } from '../../src/pictures/page.ts';
import { matrixToHtml } from './matrix-html.ts';
import type { Shown } from './show-events.ts';

/** Returns a page with the same events in three rooms, the two chats above the terminal. */
export async function roomsPage({ terminal, room, channel }: Shown): Promise<string> {
  return page(`${await discordToHtml('smoke', channel)}
${matrixToHtml(room)}
<section class="terminal">
<header><i></i><i></i><i></i><span>lookout run</span></header>
<pre>${ansiToHtml(terminal)}</pre>
</section>`);
}
