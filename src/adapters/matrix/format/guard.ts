import type { Block, Inline } from '../../../render/message.ts';
import { findLinkable, type Span } from './linkable.ts';

/**
 * Puts everything that a client would make into a link or a mention into code, where clients leave it alone.
 *
 * It is looked for in each piece of text and across the borders of `strong`, `em` and links, since some clients look
 * at one piece and some flatten them first: `exam` and a bold `ple.com` are a domain. It holds inside a link too: `<a>`
 * may hold `<code>`, and not every client that links by itself stops at an anchor. Only a link whose text is its own
 * address, or the host of it, stays as it is: a client that makes a link of it leads to the same place.
 */
export function guard(blocks: readonly Block[]): readonly Block[] {
  return blocks.map((block): Block => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: guardInlines(block.children) };
      case 'quote':
        return { ...block, children: guard(block.children) };
      case 'list':
        return { ...block, items: block.items.map(guard) };
      case 'codeBlock':
      case 'rule':
        return block;
      default:
        return block satisfies never;
    }
  });
}

/** Returns true if a link shows nothing but its own address, with or without the scheme. */
export function showsItself(link: Inline & { kind: 'link' }): boolean {
  const [only, ...more] = link.children;
  if (only?.kind !== 'text' || more.length > 0) return false;
  return link.url === only.text || link.url === `https://${only.text}`;
}

/** Returns true if a link shows nothing but the host that it leads to. */
function showsItsHost(link: Inline & { kind: 'link' }): boolean {
  const [only, ...more] = link.children;
  return only?.kind === 'text' && more.length === 0 && URL.parse(link.url)?.host === only.text;
}

function guardInlines(inlines: readonly Inline[]): readonly Inline[] {
  const leaves = flatten(inlines, 0);
  const whole = leaves.map(({ text }) => text).join('');
  const apart = leaves.flatMap(({ text, at }) =>
    findLinkable(text).map(({ from, to }) => ({ from: at + from, to: at + to })),
  );
  const spans = merge([...findLinkable(whole), ...apart]);
  // What became code parts what stood beside it: `evil.com`, spoiled `m` and `ailto:x` are two links, one after the other.
  return spans.length === 0 ? inlines : guardInlines(split(inlines, { spans, at: 0, next: 0 }));
}

/** The pieces of text and where they begin; joined, the text as a client sees it that takes no notice of formatting. */
function flatten(inlines: readonly Inline[], start: number): { readonly text: string; readonly at: number }[] {
  const leaves: { text: string; at: number }[] = [];
  let at = start;
  for (const inline of inlines) {
    // A line break stands for what ends every link.
    const inner =
      inline.kind === 'text'
        ? [{ text: inline.text, at }]
        : endsLinks(inline)
          ? [{ text: '\n', at }]
          : flatten('children' in inline ? inline.children : [], at);
    leaves.push(...inner);
    at = inner.reduce((end, leaf) => end + leaf.text.length, at);
  }
  return leaves;
}

function merge(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else merged.push(span);
  }
  return merged;
}

interface Cursor {
  readonly spans: readonly Span[];
  /** Where we are in the flattened text. */
  at: number;
  /** The first span that does not end before `at`. */
  next: number;
}

function split(inlines: readonly Inline[], cursor: Cursor): readonly Inline[] {
  return inlines.flatMap((inline): readonly Inline[] => {
    if (inline.kind === 'text') return splitText(inline.text, cursor);
    if (!endsLinks(inline) && 'children' in inline) return [{ ...inline, children: split(inline.children, cursor) }];
    cursor.at += 1;
    return [inline];
  });
}

function splitText(text: string, cursor: Cursor): readonly Inline[] {
  const parts: Inline[] = [];
  const start = cursor.at;
  const end = start + text.length;
  const take = (kind: 'text' | 'code', to: number) => {
    if (to > cursor.at) parts.push({ kind, text: text.slice(cursor.at - start, to - start) });
    cursor.at = Math.max(cursor.at, to);
  };
  for (let span = cursor.spans[cursor.next]; span !== undefined && span.from < end; span = cursor.spans[cursor.next]) {
    take('text', span.from);
    take('code', Math.min(span.to, end));
    if (span.to > end) break;
    cursor.next++;
  }
  take('text', end);
  return parts;
}

/** Code and line breaks, and a link that shows where it leads: they stay, and no link reaches across them. */
function endsLinks(inline: Inline): boolean {
  return (
    inline.kind === 'code' ||
    inline.kind === 'break' ||
    (inline.kind === 'link' && (showsItself(inline) || showsItsHost(inline)))
  );
}
