import { type Fields, isFields, noList, noObject, noText, required, tooLong, type Wrong } from './invalid-form.ts';

/** Receives the length of every text that counts towards the total limit of a message's embeds. */
type Counted = (length: number) => void;

/**
 * Checks a text against its limit. Lengths are UTF-16 code units, the stricter reading: Discord says "characters" and
 * counts code points (https://github.com/discord/discord-api-docs/issues/1315), of which a text never has more. White
 * space around it does not count (https://docs.discord.com/developers/resources/message#embed-object-embed-limits). A
 * blank text is refused where one is required, as it was everywhere for long; Discord has accepted blank names and
 * values of fields lately.
 */
function* text(
  from: Fields,
  name: string,
  at: string,
  most: number,
  counted: Counted,
  isRequired = false,
): Generator<Wrong> {
  const value = from[name] ?? null;
  const place = `${at}.${name}`;
  if (value === null) {
    if (isRequired) yield required(place);
    return;
  }
  if (typeof value !== 'string') return yield noText(place);
  const { length } = value.trim();
  counted(length);
  if (isRequired && length === 0) yield required(place);
  if (length > most) yield tooLong(place, most);
}

const web = ['http', 'https'];
/** A picture may also be an attachment. */
const picture = [...web, 'attachment'];

/** Checks an address: its form and its length of at most 2048 characters. */
function* address(from: Fields, name: string, at: string, schemes: readonly string[]): Generator<Wrong> {
  const value = from[name] ?? null;
  const place = `${at}.${name}`;
  if (value === null) return;
  if (typeof value !== 'string') return yield noText(place);
  if (value.length > 2048) yield tooLong(place, 2048);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(value)?.[1]?.toLowerCase();
  if (scheme !== undefined && !schemes.includes(scheme)) {
    const list = schemes.map((each) => `'${each}'`).join(', ');
    const message = `Scheme "${scheme}" is not supported. Scheme must be one of (${list}).`;
    yield { at: place, code: 'URL_TYPE_INVALID_SCHEME', message };
  } else if (!/^[a-z]+:\/\/[^\s\p{Cc}<>"]+$/iu.test(value) || !URL.canParse(value)) {
    yield { at: place, code: 'URL_TYPE_INVALID_URL', message: 'Not a well formed URL.' };
  }
}

function* fieldsOf(value: unknown, at: string, counted: Counted): Generator<Wrong> {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value)) return yield noList(at);
  if (value.length > 25) yield tooLong(at, 25);
  for (const [index, field] of value.entries()) {
    if (!isFields(field)) {
      yield noObject(`${at}.${index}`);
      continue;
    }
    yield* text(field, 'name', `${at}.${index}`, 256, counted, true);
    yield* text(field, 'value', `${at}.${index}`, 1024, counted, true);
  }
}

/**
 * Yields the faults for which Discord would refuse an embed:
 * https://docs.discord.com/developers/resources/message#embed-object-embed-limits
 */
export function* checkEmbed(embed: unknown, at: string, counted: Counted): Generator<Wrong> {
  if (!isFields(embed)) return yield noObject(at);
  yield* text(embed, 'title', at, 256, counted);
  yield* text(embed, 'description', at, 4096, counted);
  yield* address(embed, 'url', at, web);
  const { footer, author, color, timestamp } = embed;
  if (isFields(footer)) {
    yield* text(footer, 'text', `${at}.footer`, 2048, counted, true);
    yield* address(footer, 'icon_url', `${at}.footer`, picture);
  }
  if (isFields(author)) {
    yield* text(author, 'name', `${at}.author`, 256, counted, true);
    yield* address(author, 'url', `${at}.author`, web);
    yield* address(author, 'icon_url', `${at}.author`, picture);
  }
  for (const name of ['image', 'thumbnail']) {
    const place = `${at}.${name}`;
    const shown = embed[name];
    if (!isFields(shown)) continue;
    if (shown.url === undefined || shown.url === null || shown.url === '') yield required(`${place}.url`);
    else yield* address(shown, 'url', place, picture);
  }
  if (typeof color === 'number' && color > 0xffffff) {
    const message = 'int value should be less than or equal to 16777215.';
    yield { at: `${at}.color`, code: 'NUMBER_TYPE_MAX', message };
  } else if (color != null && !(Number.isInteger(color) && (color as number) >= 0)) {
    yield { at: `${at}.color`, code: 'NUMBER_TYPE_COERCE', message: `Value "${color}" is not int.` };
  }
  if (timestamp != null && Number.isNaN(Date.parse(String(timestamp)))) {
    const message = `Could not parse ${timestamp}. Should be ISO8601.`;
    yield { at: `${at}.timestamp`, code: 'DATE_TIME_TYPE_PARSE', message };
  }
  yield* fieldsOf(embed.fields, `${at}.fields`, counted);
}

/** Returns true if an embed shows anything: one without text or picture does not count. */
export function shows(embed: Readonly<Fields>): boolean {
  const said = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const within = (part: string, name: string) => isFields(embed[part]) && said((embed[part] as Fields)[name]);
  if (said(embed.title) || said(embed.description)) return true;
  if (within('footer', 'text') || within('author', 'name')) return true;
  if (within('image', 'url') || within('thumbnail', 'url')) return true;
  return Array.isArray(embed.fields) && embed.fields.length > 0;
}
