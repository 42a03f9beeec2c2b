import { privateText } from './hostile.ts';
import type { RoomEvent } from './matrix-user.ts';

/**
 * Checks that hostile text stayed text in a message with Lookout's own templates: promise 5, judged by the message of a
 * Matrix client and with the tests' own code.
 */

/**
 * Tags that the Matrix specification allows and that only change the formatting.
 * https://spec.matrix.org/v1.11/client-server-api/#mroommessage-msgtypes
 */
const tags = new Set(
  'del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br table thead tbody tr th td pre span details summary div'.split(
    ' ',
  ),
);

const trusted =
  /^https:\/\/(?:[a-z0-9-]+\.)*(?:erwaysoftware\.com|stackoverflow\.com|stackexchange\.com|superuser\.com|serverfault\.com|askubuntu\.com|stackapps\.com|mathoverflow\.net)(?:[/?#]|$)/;

/**
 * Control, bidi-control and invisible characters; line breaks and the joiners of emoji and scripts are checked
 * separately.
 */
const hidden = /(?!\n|\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\u2028\u2029]/u;
const piledMarks = /\p{M}{9,}/u;
/** Text that a client would turn into a link, a mention or a preview. */
const linkable = /https?:\/\/|\bwww\.|[@#!][\w.-]+:[\w.-]|@room\b|matrix:u\//;

interface Content {
  readonly msgtype?: unknown;
  readonly body?: unknown;
  readonly format?: unknown;
  readonly formatted_body?: unknown;
  readonly 'm.mentions'?: unknown;
}

/** Describes the faults of the message. `secrets` are the values that must not appear anywhere. */
export function looksWrong(event: Pick<RoomEvent, 'event_id' | 'content'>, secrets: readonly string[]): string[] {
  const content = event.content as Content;
  const wrong: string[] = [];
  const say = (what: string) => wrong.push(`${event.event_id}: ${what}`);
  if (content.msgtype !== 'm.notice') say(`msgtype ${String(content.msgtype)}`);
  if (JSON.stringify(content['m.mentions']) !== '{}') say(`m.mentions ${JSON.stringify(content['m.mentions'])}`);
  if (typeof content.body !== 'string' || content.body.trim() === '') return [...wrong, `${event.event_id}: no body`];
  const html = typeof content.formatted_body === 'string' ? content.formatted_body : '';
  if (content.format !== 'org.matrix.custom.html' || html === '') say('no formatted_body');
  for (const text of [content.body, textOf(html)]) {
    if (!text.isWellFormed()) say('half a surrogate pair');
    const character = hidden.exec(text)?.[0];
    if (character !== undefined) say(`hidden character U+${character.codePointAt(0)?.toString(16)}`);
    if (piledMarks.test(text)) say('more than 8 combining marks on one base');
  }
  const everything = JSON.stringify(event.content);
  for (const secret of [privateText, ...secrets]) if (everything.includes(secret)) say(`shows ${secret}`);
  for (const problem of htmlProblems(html)) say(problem);
  return wrong;
}

/** Reads the HTML tag by tag, as a client's sanitiser does. */
function htmlProblems(html: string): string[] {
  const wrong: string[] = [];
  let verbatim = 0;
  for (const [, tag = '', text = ''] of html.matchAll(/<([^>]*)>|([^<]+|<)/g)) {
    const [, slash, name, attributes = ''] = /^(\/?)([a-z0-9]+)\s*(.*?)\s*\/?$/s.exec(tag) ?? [];
    if (tag === '') {
      const found = verbatim === 0 ? linkable.exec(unescapeHtml(text))?.[0] : undefined;
      if (found !== undefined) wrong.push(`${found} outside of code in: ${text.slice(0, 200)}`);
    } else if (name === undefined || !tags.has(name)) wrong.push(`tag <${tag}>`);
    else {
      if (['code', 'pre', 'a'].includes(name)) verbatim += slash === '/' ? -1 : 1;
      const href = /^href="([^"]*)"$/.exec(attributes)?.[1];
      if (name === 'a' && slash === '' && !trusted.test(unescapeHtml(href ?? ''))) wrong.push(`link <${tag}>`);
      if (name !== 'a' && name !== 'span' && attributes !== '') wrong.push(`attributes <${tag}>`);
    }
  }
  return wrong;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#x27': "'",
  nbsp: '\u00a0',
};

function unescapeHtml(text: string): string {
  return text.replace(/&(#?\w+);/g, (written, name: string) => entities[name.toLowerCase()] ?? written);
}

/** Returns the visible text of the formatted message. */
export function textOf(html: string): string {
  return unescapeHtml(html.replace(/<br\s*\/?>|<\/p>|<\/li>|<\/h\d>/g, '\n').replace(/<[^>]*>/g, ''));
}

/** Returns the shown form of a one-line field with this text (promise 5), for texts without joiners. */
export function shownInOneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n|[\n\r\u0085\u2028\u2029]/g, '\u2424')
    .replace(/(\p{M}{8})\p{M}+/gu, '$1')
    .replace(
      new RegExp(hidden, 'gu'),
      (character) => `\u27e6U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}\u27e7`,
    );
}
