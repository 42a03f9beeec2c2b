import { noticeToHtml } from '../../src/adapters/matrix/notice-to-html.ts';
import { avatar, escapeHtml } from '../../src/text/html.ts';
import type { ReadRoom } from './matrix-room.ts';

/** Shows a room as graphical clients do, in the common layout with consecutive messages of a sender under one name. */
export function matrixToHtml({ name, topic, names, messages }: ReadRoom): string {
  const runs = messages.map((message, index) => {
    const isFirst = messages[index - 1]?.sender !== message.sender;
    return noticeToHtml(message, isFirst ? (names[message.sender] ?? message.sender) : null);
  });
  return `<section class="matrix">
<header>${avatar(name)}<div><h1>${escapeHtml(name)}</h1><p>${escapeHtml(topic)}</p></div></header>
${runs.join('\n')}
<footer>Send an unencrypted message…</footer>
</section>`;
}
