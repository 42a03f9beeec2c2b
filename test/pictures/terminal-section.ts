import { ansiToHtml } from '../../src/adapters/console/ansi-to-html.ts';
import { escapeHtml } from '../../src/text/html.ts';

/** Returns a terminal with its output, control sequences included, as a part of a page. */
export function terminalSection(title: string, screen: string): string {
  return `<section class="terminal">
<header><i></i><i></i><i></i><span>${escapeHtml(title)}</span></header>
<pre>${ansiToHtml(screen)}</pre>
</section>`;
}
