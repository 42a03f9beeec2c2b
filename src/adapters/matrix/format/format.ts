import type { Block, Inline, Message } from '../../../render/message.ts';
import { objectOf, textOf } from '../../../text/json.ts';
import type { Mention } from '../../../words.ts';
import type { Together } from '../../adapter.ts';
import { type Budget, cutBlocks, cutInlines, normalUrl } from '../../format/cut.ts';
import { leavesOf } from '../../format/leaves.ts';
import { guard } from './guard.ts';
import { toHtml } from './html.ts';
import { join, layOut } from './layout.ts';
import { linkField, markField } from './mark.ts';
import { beginWith, type Pinged, pingedBy } from './mentions.ts';
import { toPlain } from './plain.ts';
import { listOf } from './together.ts';

/** The limits of a message in a room. */
interface Limits {
  /**
   * The bytes of `body`, and of `formatted_body`, as JSON. An event is at most 65,536 bytes
   * (https://spec.matrix.org/v1.16/client-server-api/#size-limits), and an edit will carry each of the two twice.
   */
  readonly copyBytes: number;
  /** The part of a copy that a body may take, since HTML markup and text beyond ASCII add to it; in UTF-16 units. */
  readonly bodyUnits: number;
}

/** Encryption makes four bytes of three: 48,385 bytes of content are the most that fit (measured, Synapse 1.163). */
export const limitsOf = (isEncrypted: boolean): Limits =>
  isEncrypted ? { copyBytes: 10_500, bodyUnits: 5_250 } : { copyBytes: 15_000, bodyUnits: 7_500 };

/** The content of an `m.room.message` for a message, as JSON. `mentions` are pinged, no one else. */
export function format(
  message: Message,
  key: string,
  mentions: readonly Mention[] = [],
  { copyBytes }: Limits = limitsOf(false),
): string {
  const pinged = pingedBy(mentions);
  let units = copyBytes;
  for (;;) {
    const written = write(guard(fit(message, units)), pinged);
    const bytes = bytesOf(written);
    if (bytes <= copyBytes) return content(written, key, message.link);
    // Escapes and other scripts take more bytes than units: closer, and a little closer than that.
    units = Math.floor(Math.min(units * 0.9, (units * copyBytes * 0.97) / bytes));
  }
}

/** The most messages that may share one. */
export const mostTogether = 50;

/** The same for several messages: a list with an item each, of as many as there is room for. */
export function together(
  messages: readonly Message[],
  key: string,
  mentions: readonly Mention[] = [],
  limits: Limits = limitsOf(false),
): Together {
  const { copyBytes } = limits;
  const pinged = pingedBy(mentions);
  for (let carried = Math.min(messages.length, mostTogether); carried > 1; ) {
    const written = write(guard(listOf(messages.slice(0, carried))), pinged);
    const bytes = bytesOf(written);
    if (bytes <= copyBytes) return { payload: content(written, key, null), carried };
    carried = Math.min(carried - 1, Math.floor((carried * copyBytes * 0.97) / bytes));
  }
  return { payload: format(messages[0]!, key, mentions, limits), carried: 1 };
}

/**
 * A stored payload as an edit of a message (https://spec.matrix.org/v1.16/client-server-api/#event-replacements): what clients
 * show that know no edits begins with an asterisk, as theirs do. Whom it names was pinged when it came: what an edit itself
 * mentions is only those that are new (https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions).
 */
export function asEdit(payload: string, target: string): string {
  const { [markField]: mark, ...fresh } = objectOf(JSON.parse(payload));
  return JSON.stringify({
    ...fresh,
    body: `* ${textOf(fresh.body) ?? ''}`,
    ...(typeof fresh.formatted_body === 'string' && { formatted_body: `* ${fresh.formatted_body}` }),
    'm.mentions': {},
    'm.new_content': fresh,
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
    [markField]: mark,
  });
}

interface Written {
  readonly body: string;
  readonly html: string;
  readonly users: readonly string[];
}

function write(blocks: readonly Block[], { users, plain, html }: Pinged): Written {
  return { body: plain + toPlain(blocks), html: beginWith(html, toHtml(blocks)), users };
}

function bytesOf({ body, html }: Written): number {
  return Math.max(jsonBytes(body), jsonBytes(html));
}

function content({ body, html, users }: Written, key: string, link: string | null): string {
  const url = shownLink(link);
  return JSON.stringify({
    // A notice pings no one (https://spec.matrix.org/v1.16/client-server-api/#predefined-rules, .m.rule.suppress_notices).
    msgtype: users.length === 0 ? 'm.notice' : 'm.text',
    body,
    format: 'org.matrix.custom.html',
    formatted_body: html,
    // Said on every message: where it is missing, clients look for mentions in the text.
    'm.mentions': users.length === 0 ? {} : { user_ids: users },
    // A hint of Beeper's (MSC4095): there is nothing to preview.
    'com.beeper.linkpreviews': [],
    ...(url !== null && { [linkField]: url }),
    [markField]: key,
  });
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** The message as blocks of at most about `units` UTF-16 units. What is cut keeps the link to metasmoke. */
function fit(message: Message, units: number): readonly Block[] {
  const whole: Budget = { left: units, cut: false };
  const layout = layOut(message);
  const blocks = cutBlocks(join(layout), whole);
  if (isEmpty(blocks))
    return [{ kind: 'paragraph', children: linkTo(message.link) ?? [{ kind: 'text', text: '(no text)' }] }];
  if (!whole.cut) return blocks;

  const link = linkTo(message.link) ?? [];
  let left = units - (message.link?.length ?? 0) * 2;
  const part = (inlines: readonly Inline[], share: number) => {
    const budget: Budget = { left: Math.floor(units * share), cut: false };
    const kept = cutInlines(inlines, budget);
    left -= Math.floor(units * share) - Math.max(0, budget.left);
    return kept;
  };
  // The body gives way first; the rest only where it takes more than its share.
  const title = part(layout.title, 0.25);
  const fields = part(layout.fields, 0.3);
  const footer = part(layout.footer, 0.1);
  const body = cutBlocks(layout.body, { left, cut: false });
  const cut = join({ title, body, fields, footer });
  return link.length === 0 || shows(cut, message.link) ? cut : [...cut, { kind: 'paragraph', children: link }];
}

/** Longer, and it is not metasmoke's; with every character escaped it must still fit beside the rest. */
const linkLimit = 1_000;

function linkTo(link: string | null): readonly Inline[] | null {
  const url = shownLink(link);
  return url === null ? null : [{ kind: 'link', url, children: [{ kind: 'text', text: url }] }];
}

/** Returns a link in its normal form; null if there is none, or none that can be shown. */
function shownLink(link: string | null): string | null {
  const url = link === null || link.length > linkLimit ? null : normalUrl(link);
  return url === null || url.length > linkLimit ? null : url;
}

/** Returns true if a reader sees a link to `link` without opening a spoiler. */
function shows(blocks: readonly Block[], link: string | null): boolean {
  const url = link === null ? null : normalUrl(link);
  return url !== null && leavesOf(blocks).some((leaf) => leaf.url === url && !leaf.hidden && leaf.text.trim() !== '');
}

function isEmpty(blocks: readonly Block[]): boolean {
  return leavesOf(blocks).every((leaf) => leaf.text.trim() === '');
}
