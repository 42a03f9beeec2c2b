import type { Reply } from './exchange.ts';
import { fail } from './exchange.ts';

/** One thing wrong with a form, and where: `embeds.0.title`. */
interface Wrong {
  readonly at: string;
  readonly code: string;
  readonly message: string;
}

/** The tree that Discord makes of what is wrong. https://docs.discord.com/developers/reference#error-messages */
export function invalidForm(wrongs: readonly Wrong[]): Reply {
  const tree: Record<string, unknown> = {};
  for (const { at, code, message } of wrongs) {
    let node = tree;
    for (const step of at.split('.')) {
      node[step] ??= {};
      node = node[step] as Record<string, unknown>;
    }
    node._errors = [...((node._errors as unknown[] | undefined) ?? []), { code, message }];
  }
  return fail(400, 50035, 'Invalid Form Body', tree);
}

const tooLong = (at: string, most: number): Wrong => ({
  at,
  code: 'BASE_TYPE_MAX_LENGTH',
  message: `Must be ${most} or fewer in length.`,
});
const required = (at: string): Wrong => ({ at, code: 'BASE_TYPE_REQUIRED', message: 'This field is required' });

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A text within its limit. Lengths are UTF-16 code units, the stricter reading: Discord says "characters" and was seen to count code
 * points (https://github.com/discord/discord-api-docs/issues/1315), of which a text never has more.
 * `counted` gets the length: leading and trailing white space is trimmed first
 * (https://docs.discord.com/developers/resources/message#embed-object-embed-limits).
 */
function* text(
  from: Fields,
  name: string,
  at: string,
  most: number,
  options: { readonly required?: boolean; readonly counted?: (length: number) => void } = {},
): Generator<Wrong> {
  const value = from[name];
  const place = `${at}.${name}`;
  if (value === undefined || value === null) {
    if (options.required) yield required(place);
  } else if (typeof value !== 'string') {
    yield { at: place, code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' };
  } else {
    const { length } = value.trim();
    options.counted?.(length);
    if (options.required && length === 0) yield required(place);
    if (length > most) yield tooLong(place, most);
  }
}

/** An address that Discord would open; pictures may also be attachments. At most 2048 characters. */
function* address(from: Fields, name: string, at: string, schemes: readonly string[]): Generator<Wrong> {
  const value = from[name];
  const place = `${at}.${name}`;
  if (value === undefined || value === null) return;
  if (typeof value !== 'string') {
    yield { at: place, code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' };
    return;
  }
  if (value.length > 2048) yield tooLong(place, 2048);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined && !schemes.includes(scheme)) {
    const list = schemes.map((each) => `'${each}'`).join(', ');
    yield {
      at: place,
      code: 'URL_TYPE_INVALID_SCHEME',
      message: `Scheme "${scheme}" is not supported. Scheme must be one of (${list}).`,
    };
  } else if (scheme === undefined || /[\s\p{Cc}]/u.test(value) || !URL.canParse(value)) {
    yield { at: place, code: 'URL_TYPE_INVALID_URL', message: 'Not a well formed URL.' };
  }
}

const web = ['http', 'https'];
const picture = [...web, 'attachment'];

/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
function* embed(value: unknown, at: string, counted: (length: number) => void): Generator<Wrong> {
  if (!isFields(value)) {
    yield { at, code: 'MODEL_TYPE_CONVERT', message: 'Only dictionaries may be used in a ModelType' };
    return;
  }
  yield* text(value, 'title', at, 256, { counted });
  yield* text(value, 'description', at, 4096, { counted });
  yield* address(value, 'url', at, web);
  const part = (name: string) => (isFields(value[name]) ? (value[name] as Fields) : {});
  yield* text(part('footer'), 'text', `${at}.footer`, 2048, { counted, required: value.footer != null });
  yield* address(part('footer'), 'icon_url', `${at}.footer`, picture);
  yield* text(part('author'), 'name', `${at}.author`, 256, { counted, required: value.author != null });
  yield* address(part('author'), 'url', `${at}.author`, web);
  yield* address(part('author'), 'icon_url', `${at}.author`, picture);
  yield* address(part('image'), 'url', `${at}.image`, picture);
  yield* address(part('thumbnail'), 'url', `${at}.thumbnail`, picture);
  const { color, timestamp, fields = [] } = value;
  if (color != null && !(Number.isInteger(color) && Number(color) >= 0 && Number(color) <= 0xffffff)) {
    yield {
      at: `${at}.color`,
      code: 'NUMBER_TYPE_MAX',
      message: 'int value should be less than or equal to 16777215.',
    };
  }
  if (timestamp != null && Number.isNaN(Date.parse(String(timestamp)))) {
    yield { at: `${at}.timestamp`, code: 'DATE_TIME_TYPE_PARSE', message: `Could not parse ${timestamp}.` };
  }
  if (fields === null) return;
  if (!Array.isArray(fields)) {
    yield { at: `${at}.fields`, code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' };
    return;
  }
  if (fields.length > 25) yield tooLong(`${at}.fields`, 25);
  for (const [index, field] of fields.entries()) {
    const place = `${at}.fields.${index}`;
    yield* text(isFields(field) ? field : {}, 'name', place, 256, { counted, required: true });
    yield* text(isFields(field) ? field : {}, 'value', place, 1024, { counted, required: true });
  }
}

/** What a create and an edit may say of a message, as far as Lookout may want it. */
export interface MessageForm {
  readonly content?: string | null;
  readonly embeds?: readonly Record<string, unknown>[] | null;
  readonly flags?: number | null;
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean | null;
  readonly allowed_mentions?: AllowedMentions | null;
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists?: boolean } | null;
}

export interface AllowedMentions {
  readonly parse?: readonly string[] | null;
  readonly users?: readonly string[] | null;
  readonly roles?: readonly string[] | null;
  readonly replied_user?: boolean | null;
}

const mostContent = 2000;
const mostEmbeds = 10;
const mostOverAllEmbeds = 6000;
const mostNonce = 25;

function* allowedMentions(value: unknown): Generator<Wrong> {
  if (value === undefined || value === null) return;
  if (!isFields(value)) {
    const message = 'Only dictionaries may be used in a ModelType';
    yield { at: 'allowed_mentions', code: 'MODEL_TYPE_CONVERT', message };
    return;
  }
  const parse = (value.parse ?? []) as unknown[];
  for (const [index, each] of parse.entries()) {
    if (each === 'everyone' || each === 'users' || each === 'roles') continue;
    const message = `Value must be one of ('users', 'roles', 'everyone').`;
    yield { at: `allowed_mentions.parse.${index}`, code: 'BASE_TYPE_CHOICES', message };
  }
  for (const name of ['users', 'roles'] as const) {
    const listed = (value[name] ?? []) as unknown[];
    if (listed.length > 100) yield tooLong(`allowed_mentions.${name}`, 100);
    if (listed.length === 0 || !parse.includes(name)) continue;
    const message = `parse:["${name}"] and ${name}: [ids...] are mutually exclusive.`;
    yield { at: 'allowed_mentions', code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', message };
  }
}

/** What Discord would refuse in this body; null if nothing. Emptiness is another question: an edit may leave things out. */
export function checkForm(body: Fields): Reply | null {
  const wrongs: Wrong[] = [];
  const { content, embeds, nonce } = body;
  if (typeof content === 'string' && content.length > mostContent) wrongs.push(tooLong('content', mostContent));
  else if (content != null && typeof content !== 'string' && typeof content !== 'number')
    wrongs.push({ at: 'content', code: 'STRING_TYPE_CONVERT', message: 'Could not interpret value as string.' });
  if (nonce != null && String(nonce).length > mostNonce) wrongs.push(tooLong('nonce', mostNonce));
  wrongs.push(...allowedMentions(body.allowed_mentions));
  if (embeds != null) {
    if (!Array.isArray(embeds)) {
      wrongs.push({ at: 'embeds', code: 'LIST_TYPE_CONVERT', message: 'Only iterables may be used in a ListType' });
      return invalidForm(wrongs);
    }
    if (embeds.length > mostEmbeds) wrongs.push(tooLong('embeds', mostEmbeds));
    let sum = 0;
    for (const [index, each] of embeds.entries()) {
      wrongs.push(...embed(each, `embeds.${index}`, (length) => (sum += length)));
      if (sum <= mostOverAllEmbeds) continue;
      const message = `Embed size exceeds maximum size of ${mostOverAllEmbeds}`;
      wrongs.push({ at: `embeds.${index}`, code: 'MAX_EMBED_SIZE_EXCEEDED', message });
      break;
    }
  }
  return wrongs.length === 0 ? null : invalidForm(wrongs);
}

/** Whether an embed shows anything at all: one without text or picture counts as none. */
export function shows(embedded: Readonly<Record<string, unknown>>): boolean {
  const said = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const { title, description, footer, author, image, thumbnail, fields } = embedded as Record<string, Fields | string>;
  const inner = (value: unknown, name: string) => isFields(value) && said(value[name]);
  return (
    said(title) ||
    said(description) ||
    inner(footer, 'text') ||
    inner(author, 'name') ||
    inner(image, 'url') ||
    inner(thumbnail, 'url') ||
    (Array.isArray(fields) && fields.length > 0)
  );
}

/** https://docs.discord.com/developers/resources/message#create-message */
export const emptyMessage = fail(400, 50006, 'Cannot send an empty message');
