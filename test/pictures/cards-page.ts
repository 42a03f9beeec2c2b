import { messageToHtml } from '../../src/adapters/discord/to-html.ts';
import { noticeToHtml } from '../../src/adapters/matrix/notice-to-html.ts';
import { page } from '../../src/pictures/page.ts';
import { escapeHtml } from '../../src/text/html.ts';
import type { ShownStage } from './show-cards.ts';

/** Returns a page with the stages of a card below each other, each as both chats show it. */
export async function cardsPage(stages: readonly ShownStage[]): Promise<string> {
  const rows: string[] = [];
  for (const { caption, onDiscord, onMatrix } of stages)
    rows.push(`<h2 class="caption">${escapeHtml(caption)}</h2>
<section class="discord alone">${await messageToHtml(onDiscord, 'Lookout')}</section>
<section class="matrix alone">${noticeToHtml(onMatrix, 'Lookout')}</section>`);
  return page(`<h1 class="chat">Discord</h1><h1 class="chat">Matrix</h1>\n${rows.join('\n')}`);
}
