import type { Mention } from '../../../words.ts';
import { escapeHtml } from './html.ts';

/** More than these few leave no room for what they are pinged for. */
const most = 20;
/** The part of the HTML that they may take, in UTF-16 units (and bytes: their ids are ASCII). */
const mostUnits = 4_000;
/** A user id is at most 255 bytes (https://spec.matrix.org/v1.16/appendices/#user-identifiers); old ones have any visible ASCII. */
const userId = /^@[\x21-\x39\x3b-\x7e]*:[0-9A-Za-z.:[\]-]+$/;

/** The people whom a message pings, and the beginning of its text with them. */
export interface Pinged {
  readonly users: readonly string[];
  readonly plain: string;
  readonly html: string;
}

/**
 * The first of the mentions that are Matrix's, each once; roles are not. These alone become mentions in a client, on purpose:
 * so they are put before the text after it was guarded.
 */
export function pingedBy(mentions: readonly Mention[]): Pinged {
  const users: string[] = [];
  let html = '';
  for (const { kind, id } of mentions) {
    if (kind !== 'user' || id.length > 255 || !userId.test(id) || users.includes(id)) continue;
    const link = `<a href="${escapeHtml(linkTo(id))}">${escapeHtml(id)}</a>`;
    if (users.length >= most || html.length + link.length > mostUnits) break;
    html += html === '' ? link : `, ${link}`;
    users.push(id);
  }
  return users.length === 0
    ? { users, plain: '', html: '' }
    : { users, plain: `${users.join(', ')}: `, html: `${html}: ` };
}

/** https://spec.matrix.org/v1.16/appendices/#matrixto-navigation */
function linkTo(id: string): string {
  return `https://matrix.to/#/${encodeURIComponent(id).replace('%40', '@').replaceAll('%3A', ':')}`;
}

/** HTML of blocks with something before the text of the first, which need not be a paragraph. */
export function beginWith(start: string, html: string): string {
  if (start === '') return html;
  const block = /^<(p|h[1-6]|blockquote|ul|ol|pre|hr)>/.exec(html);
  if (block === null) return start + html;
  return block[1] === 'p' ? `<p>${start}${html.slice('<p>'.length)}` : `<p>${start.trimEnd()}</p>${html}`;
}
