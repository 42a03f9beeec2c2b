import type { RoomEvent } from '../e2e/support/matrix-user.ts';
import { avatar, escapeHtml } from './html.ts';
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

/** Shows one message, under its sender's name if that is given. */
export function noticeToHtml(
  { origin_server_ts, content }: Pick<RoomEvent, 'origin_server_ts' | 'content'>,
  sender: string | null,
): string {
  const time = `<time>${new Date(origin_server_ts).toISOString().slice(11, 16)}</time>`;
  const head = sender === null ? '' : `${avatar(sender)}<div class="sender">${escapeHtml(sender)}${time}</div>`;
  return `<article>${head}<div class="notice">${bodyOf(content)}</div></article>`;
}

/**
 * Returns the formatted body unchanged: a client would remove everything that the specification does not allow, and
 * messages with such parts were rejected before.
 */
function bodyOf(content: Readonly<Record<string, unknown>>): string {
  const { format, formatted_body: html, body } = content;
  return format === 'org.matrix.custom.html' && typeof html === 'string' ? html : escapeHtml(String(body));
}
