import { checkComponents } from './check-components.ts';
import { checkEmbed } from './check-embed.ts';
import { fail, type Reply, type Seen } from './exchange.ts';
import {
  type Fields,
  invalidForm,
  isFields,
  noChoice,
  noList,
  noObject,
  noText,
  tooLong,
  type Wrong,
} from './invalid-form.ts';

/** The allowed mentions of a message: https://docs.discord.com/developers/resources/message#allowed-mentions-object */
export interface AllowedMentions {
  readonly parse?: readonly string[] | null;
  readonly users?: readonly string[] | null;
  readonly roles?: readonly string[] | null;
  readonly replied_user?: boolean | null;
}

/** The fields of a create or an edit that the double knows. */
export interface MessageForm {
  readonly content?: string | number | null;
  readonly embeds?: readonly Readonly<Fields>[] | null;
  readonly components?: readonly Readonly<Fields>[] | null;
  readonly flags?: number | null;
  readonly nonce?: string | number | null;
  readonly enforce_nonce?: boolean | null;
  readonly allowed_mentions?: AllowedMentions | null;
  readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists?: boolean | null } | null;
}

/** https://docs.discord.com/developers/resources/message#create-message */
const mostContent = 2000;
const mostEmbeds = 10;
const mostOverAllEmbeds = 6000;
const mostNonce = 25;
const mostMentioned = 100;
const mentionTypes = ['roles', 'users', 'everyone'];

export const emptyMessage = fail(400, 50006, 'Cannot send an empty message');

function* checkMentions(value: unknown): Generator<Wrong> {
  if (value === undefined || value === null) return;
  if (!isFields(value)) return yield noObject('allowed_mentions');
  const list = (name: string): unknown[] => (Array.isArray(value[name]) ? (value[name] as unknown[]) : []);
  for (const [index, each] of list('parse').entries())
    if (!mentionTypes.includes(String(each))) yield noChoice(`allowed_mentions.parse.${index}`, mentionTypes);
  for (const name of ['users', 'roles']) {
    const ids = list(name);
    if (ids.length > mostMentioned) yield tooLong(`allowed_mentions.${name}`, mostMentioned);
    if (ids.length === 0 || !list('parse').includes(name)) continue;
    const message = `parse:["${name}"] and ${name}: [ids...] are mutually exclusive.`;
    yield { at: 'allowed_mentions', code: 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', message };
  }
}

function* checkEmbeds(value: unknown): Generator<Wrong> {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) return yield noList('embeds');
  if (value.length > mostEmbeds) yield tooLong('embeds', mostEmbeds);
  let sum = 0;
  for (const [index, embed] of value.entries()) {
    const before = sum;
    yield* checkEmbed(embed, `embeds.${index}`, (length) => {
      sum += length;
    });
    if (sum <= mostOverAllEmbeds || before > mostOverAllEmbeds) continue;
    const message = `Embed size exceeds maximum size of ${mostOverAllEmbeds}`;
    yield { at: `embeds.${index}`, code: 'MAX_EMBED_SIZE_EXCEEDED', message };
  }
}

/**
 * Yields the faults for which Discord would refuse this form. An empty message is checked elsewhere, because an edit
 * may omit fields.
 */
function* checkForm(form: Fields): Generator<Wrong> {
  const { content, nonce } = form;
  if (typeof content === 'string') {
    if (content.length > mostContent) yield tooLong('content', mostContent);
  } else if (content != null && typeof content !== 'number') yield noText('content');
  if (nonce != null && typeof nonce !== 'number' && typeof nonce !== 'string') yield noText('nonce');
  else if (nonce != null && String(nonce).length > mostNonce) yield tooLong('nonce', mostNonce);
  yield* checkMentions(form.allowed_mentions);
  yield* checkEmbeds(form.embeds);
  yield* checkComponents(form.components);
}

/** Returns the form in a request's body, or the reason why it is invalid. */
export function readForm(request: Seen): { readonly form: MessageForm } | { readonly refused: Reply } {
  if (!String(request.headers['content-type'] ?? '').startsWith('application/json')) {
    const types = "'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'";
    return { refused: fail(400, 50035, `Expected "Content-Type" header to be one of {${types}}.`) };
  }
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    return { refused: fail(400, 50109, 'The request body contains invalid JSON.') };
  }
  // Discord's handling of half a character is not documented: this is the strictest guess.
  if (/\\ud[89a-f]/i.test(JSON.stringify(body)))
    return { refused: fail(400, 50109, 'The request body contains invalid JSON.') };
  if (!isFields(body)) return { refused: fail(400, 50035, 'Invalid Form Body') };
  const wrongs = [...checkForm(body)];
  return wrongs.length > 0 ? { refused: invalidForm(wrongs) } : { form: body as MessageForm };
}
