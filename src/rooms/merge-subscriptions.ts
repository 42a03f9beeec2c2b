import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, isScalar, isSeq, type Pair, parse, parseDocument } from 'yaml';

/** `refused`: the text has no place for them that is certain; `reason` says why, for people. */
export type Merged =
  | { readonly outcome: 'merged'; readonly text: string }
  | { readonly outcome: 'refused'; readonly reason: string };

/** A place in a text, and what is cut out and put in there. */
interface Change {
  readonly at: number;
  readonly cut: number;
  readonly insert: string;
}

/**
 * Puts subscriptions behind those of a configuration. `block`: YAML of `exportSubscriptions`. Every other character stays as
 * it is. The result is read again, and refused unless it says the same as before with these behind it.
 */
export function mergeSubscriptions(text: string, block: string): Merged {
  const document = parseDocument(text, { keepSourceTokens: true, logLevel: 'silent' });
  if (document.errors.length > 0) return { outcome: 'refused', reason: 'it is not YAML that can be read' };
  const change = changeFor(document, text, block);
  if (typeof change === 'string') return { outcome: 'refused', reason: change };
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const insert = change.insert.replaceAll('\n', lineEnd);
  const merged = `${text.slice(0, change.at)}${insert}${text.slice(change.at + change.cut)}`;
  if (saysBoth(merged, text, block)) return { outcome: 'merged', text: merged };
  return { outcome: 'refused', reason: 'its subscriptions are written in a way that nothing can be put behind' };
}

/** Returns the change that puts a block into a document, or why there is none. */
function changeFor({ contents }: Document, text: string, block: string): Change | string {
  if (!isMap(contents)) return 'it is not a mapping';
  if (contents.flow) return 'it is written in braces';
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === 'subscriptions');
  if (pair === undefined) return { at: text.length, cut: 0, insert: `${text.endsWith('\n') ? '' : '\n'}${block}` };
  const place = placeIn(pair, text);
  if (typeof place === 'string') return place;
  const { at, indent } = place;
  const before = at > 0 && text[at - 1] !== '\n' ? '\n' : '';
  return { at, cut: 0, insert: `${before}${itemsOf(block, indent)}` };
}

/** Returns where a further subscription may stand, and how far it is indented; or why that is not clear. */
function placeIn({ key, value }: Pair, text: string): { readonly at: number; readonly indent: number } | string {
  if (value === null || (isScalar(value) && value.value === null)) {
    const end = isScalar(key) ? (key.range?.[1] ?? null) : null;
    return end === null ? 'its subscriptions have no place in the text' : { at: endOfLine(text, end), indent: 2 };
  }
  if (!isSeq(value)) return 'its subscriptions are not a list';
  if (value.flow) return 'its subscriptions are written in brackets: write each on lines of its own, behind a hyphen';
  const last = value.items.at(-1);
  const end = isCollection(last) || isScalar(last) ? last.range?.[1] : null;
  const token = value.srcToken;
  if (end == null || token?.type !== 'block-seq') return 'its last subscription has no place in the text';
  return { at: text[end - 1] === '\n' ? end : endOfLine(text, end), indent: token.indent };
}

/** Returns the beginning of the line behind a place, or the end of the text. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}

/** Returns the items of a block, indented. */
function itemsOf(block: string, indent: number): string {
  const [, ...lines] = block.split('\n');
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line.replace(/^ {2}/, '')}`)).join('\n');
}

/** Returns true if a text says the same as another one with the subscriptions of a block behind its own. */
function saysBoth(merged: string, before: string, block: string): boolean {
  try {
    const [now, was, added] = [merged, before, block].map((text) => parse(text, { logLevel: 'silent' }) as Parsed);
    const subscriptions = [...(was?.subscriptions ?? []), ...(added?.subscriptions ?? [])];
    return isDeepStrictEqual(now, { ...was, subscriptions });
  } catch {
    return false;
  }
}

type Parsed = { readonly subscriptions?: readonly unknown[] | null } | null;
