import { avatar, escapeHtml } from '../../text/html.ts';

/** The used part of a message of a room. */
export interface Notice {
  /** Unix milliseconds. */
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Shows one message as graphical clients do, under its sender's name if that is given. */
export function noticeToHtml({ origin_server_ts: at, content }: Notice, sender: string | null): string {
  const time = `<time>${new Date(at).toISOString().slice(11, 16)}</time>`;
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
