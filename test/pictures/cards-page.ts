import { messageToHtml } from './discord-html.ts';
import { escapeHtml } from './html.ts';
import { noticeToHtml } from './matrix-html.ts';
import { page } from './page.ts';
import type { ShownStage } from './show-cards.ts';

/** Returns a page with the stages of a card below each other, each as both chats show it. */
export function cardsPage(stages: readonly ShownStage[]): string {
  const rows = stages.map(
    ({ caption, onDiscord, onMatrix }) => `<h2 class="caption">${escapeHtml(caption)}</h2>
<section class="discord alone">${messageToHtml(onDiscord, 'Lookout')}</section>
<section class="matrix alone">${noticeToHtml(onMatrix, 'Lookout')}</section>`,
  );
  return page(`<h1 class="chat">Discord</h1><h1 class="chat">Matrix</h1>\n${rows.join('\n')}`);
}
