import { ansiToHtml } from './ansi-to-html.ts';
import { discordToHtml } from './discord-html.ts';
import { matrixToHtml } from './matrix-html.ts';
import { page } from './page.ts';
import type { Shown } from './show-events.ts';

/** Returns a page with the same events in three rooms, the two chats above the terminal. */
export function roomsPage({ terminal, room, channel }: Shown): string {
  return page(`${discordToHtml('smoke', channel)}
${matrixToHtml(room)}
<section class="terminal">
<header><i></i><i></i><i></i><span>lookout run</span></header>
<pre>${ansiToHtml(terminal)}</pre>
</section>`);
}
