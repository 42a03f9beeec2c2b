import type { Inline, Message } from '../../../render/message.ts';
import { normalUrl } from '../../format/cut.ts';
import { fieldsAsLines } from './fields.ts';
import { type Fitted, fitBlocks, fitInlines } from './fit.ts';
import { limits } from './limits.ts';
import { inLink, type Links } from './line.ts';
import type { Mark } from './metasmoke-link.ts';

/** Where these stop when the whole is too long, in UTF-16 units. */
const titleShare = 500;
const fieldsShare = 500;
const footerShare = 200;

const subtext = '-# ';

/**
 * A message as content, for rooms without embeds: the title in bold, the body, a line for the fields, and small print with the
 * link to metasmoke and the footer. `limit`: UTF-16 units, not less than half of what content may have.
 */
export function toContent(message: Message, mark: Mark | null, limit: number = limits.content): string {
  const links: Links = { form: 'quiet', mark };
  const title = titleLine(message, mark);
  const footer = message.footer ?? [];

  const whole = assemble(
    fitInlines(title, limit, links),
    fitBlocks(message.body, limit, links),
    fitBlocks(fieldsAsLines(message.fields), limit, links),
    fitInlines(footer, limit, links),
    mark,
  );
  if (whole.length <= limit) return whole === '' ? '(no text)' : whole;

  const unmarked: Links = { form: 'quiet', mark: null };
  const head = fitInlines(title, titleShare, unmarked);
  const fields = fitBlocks(fieldsAsLines(message.fields), fieldsShare, unmarked);
  const foot = fitInlines(footer, footerShare, unmarked);
  const none: Fitted = { text: '', isMarked: false, isCut: false };
  const others = assemble(head, none, fields, foot, mark).length;
  const body = fitBlocks(message.body, limit - others - 4, unmarked);
  return assemble(head, body, fields, foot, mark);
}

/** The title leads somewhere by itself only where that is not metasmoke, whose link stands in the small print. */
function titleLine({ title, url }: Message, mark: Mark | null): readonly Inline[] {
  if (title === null || title.length === 0) return [];
  const target = url === null ? null : normalUrl(url);
  const isLinked = target !== null && target !== mark?.url;
  const children: readonly Inline[] = isLinked ? [{ kind: 'link', url: target, children: title }] : title;
  return [{ kind: 'strong', children }];
}

function assemble(title: Fitted, body: Fitted, fields: Fitted, footer: Fitted, mark: Mark | null): string {
  const isMarked = title.isMarked || body.isMarked || fields.isMarked || footer.isMarked;
  const link = mark === null || isMarked ? '' : `[metasmoke](<${inLink(mark.marked)}>)`;
  const small = [link, footer.text].filter((text) => text !== '').join(' · ');
  const upper = [title.text, body.text, fields.text].filter((text) => text !== '').join('\n');
  // Small print is read as such at the beginning of a line that does not follow a quote or list at once.
  const lower = small === '' ? '' : subtext + small;
  return upper === '' || lower === '' ? upper + lower : `${upper}\n\n${lower}`;
}
