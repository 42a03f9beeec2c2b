import type { Complaint, Reading, Run } from '../reading.ts';
import { isWellFormedJson } from '../well-formed-json.ts';
import { readMarkdown } from './read.ts';

interface Embed {
  readonly title?: string;
  readonly url?: string;
  readonly description?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly footer?: { readonly text: string; readonly icon_url?: string };
  readonly author?: { readonly name: string; readonly url?: string; readonly icon_url?: string };
  readonly image?: { readonly url: string };
  readonly thumbnail?: { readonly url: string };
}

interface Payload {
  readonly content?: string;
  readonly embeds?: readonly Embed[];
  readonly allowed_mentions?: unknown;
}

/**
 * Reads a message's JSON with each of the parsers: every place in which Discord reads Markdown, and those in which it
 * does not.
 */
export function readPayload(json: string): Readonly<Record<string, Reading>> {
  const { content, embeds = [] } = JSON.parse(json) as Payload;
  const parts: Readonly<Record<string, Reading>>[] = [];
  const markdown = (text: string | undefined, place: string) => {
    if (text !== undefined && text !== '') parts.push(readMarkdown(text, place));
  };
  /** Reads "footer: text" and "author: name", which are shown unchanged. */
  const plain = (text: string | undefined, place: string) => {
    if (text === undefined) return;
    const run: Run = { text, path: [place], isCode: false };
    parts.push(both({ runs: [run], links: [], dangers: [] }));
  };
  const link = (url: string | undefined) => {
    if (url !== undefined) parts.push(both({ runs: [], links: [url], dangers: [] }));
  };

  markdown(content, 'content');
  for (const { title, url, description, fields = [], footer, author, image, thumbnail } of embeds) {
    markdown(title, 'title');
    link(url);
    markdown(description, 'description');
    for (const [index, { name, value }] of fields.entries()) {
      markdown(name, `name ${index}`);
      markdown(value, `value ${index}`);
    }
    plain(footer?.text, 'footer');
    plain(author?.name, 'author');
    for (const address of [footer?.icon_url, author?.url, author?.icon_url, image?.url, thumbnail?.url]) link(address);
  }
  return Object.fromEntries(
    parserNames.map((name) => {
      const readings = parts.map((part) => part[name]!);
      const all = {
        runs: readings.flatMap(({ runs }) => runs),
        links: readings.flatMap(({ links }) => links),
        dangers: readings.flatMap(({ dangers }) => dangers),
      };
      return [name, all];
    }),
  );
}

const parserNames = Object.keys(readMarkdown('', ''));

function both(reading: Reading): Readonly<Record<string, Reading>> {
  return Object.fromEntries(parserNames.map((name) => [name, reading]));
}

/**
 * Returns everything that Discord would reject, or that it would do although it was not intended: the limits of
 * https://discord.com/developers/docs/resources/message#embed-object-embed-limits and of a message's content, blank
 * texts where one is required, mentions that are not switched off, Unicode that is not valid JSON.
 */
export function payloadFaults(json: string): Complaint[] {
  const { content = '', embeds = [], allowed_mentions: mentions } = JSON.parse(json) as Payload;
  const faults: string[] = [];
  if (!isWellFormedJson(json)) faults.push('a lone surrogate');
  if (JSON.stringify(mentions) !== '{"parse":[]}') faults.push(`mentions are allowed: ${JSON.stringify(mentions)}`);

  let total = 0;
  const text = (value: string | undefined, limit: number, name: string, isNeeded: boolean) => {
    if (value === undefined) return;
    // Discord strips both ends before it counts and before it checks for an empty text.
    total += value.length;
    if (value.length > limit) faults.push(`${name} has ${value.length} of ${limit} characters`);
    if (isNeeded && value.trim() === '') faults.push(`${name} is blank`);
  };
  for (const { title, description, fields = [], footer, author } of embeds) {
    text(title, 256, 'title', true);
    text(description, 4096, 'description', true);
    if (fields.length > 25) faults.push(`${fields.length} fields`);
    for (const { name, value } of fields) {
      text(name, 256, 'field name', true);
      text(value, 1024, 'field value', true);
    }
    text(footer?.text, 2048, 'footer', true);
    text(author?.name, 256, 'author', true);
  }
  if (embeds.length > 10) faults.push(`${embeds.length} embeds`);
  if (total > 6000) faults.push(`embeds have ${total} of 6000 characters`);
  if (content.length > 2000) faults.push(`content has ${content.length} of 2000 characters`);
  if (content.trim() === '' && embeds.length === 0) faults.push('nothing to show');
  return faults.map((detail) => ({ kind: 'payload', detail }));
}
