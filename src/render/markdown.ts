import createMarkdownIt, { type MarkdownIt, type Token } from 'markdown-it';
import { decodeText, nothing } from './escape.ts';
import { beginning } from './helpers/cut.ts';
import { deepest, isBlank, toInlines } from './inlines.ts';
import type { Block, Inline } from './message.ts';
import type { Allow } from './origins.ts';
import { addSpoilers } from './spoiler-rule.ts';

/**
 * Creates the parser of our Markdown: CommonMark with `~~deleted~~` and `||spoiler||`; without raw HTML, tables,
 * references, indented code and underlined headings, so that a template may be indented freely; each line break is
 * kept.
 */
function create(): MarkdownIt {
  const markdown = createMarkdownIt({ html: false, linkify: false, typographer: false });
  markdown.disable(['table', 'code', 'reference', 'lheading', 'html_block', 'html_inline', 'linkify']);
  // The address stays as written; it is decoded and checked when the tree is built.
  markdown.normalizeLink = (url) => url;
  markdown.normalizeLinkText = (url) => url;
  markdown.validateLink = () => true;
  addSpoilers(markdown);
  return markdown;
}

let shared: MarkdownIt | null = null;
function parser(): MarkdownIt {
  shared ??= create();
  return shared;
}

/** Limit of Markdown in a message, UTF-16 units. Each unit of a value's own text takes two. */
const longest = 262_144;

const aloneNothing = new RegExp(`(?<=^|\\s)${nothing}(?=\\s|$)`, 'gu');

function cut(markdown: string): string {
  return markdown.length > longest ? `${beginning(markdown, longest)}…` : markdown;
}

/**
 * Parses a filled text of one line: a title, a field, a footer. Line breaks and runs of blanks of the template become
 * one blank, even around an empty value; blanks in the event's values are encoded and stay.
 */
export function parseLine(markdown: string, allow: Allow): readonly Inline[] {
  const oneLine = cut(markdown).replace(/\\?\n/g, ' ').replaceAll(aloneNothing, '').replace(/\s+/g, ' ').trim();
  const [inline] = parser().parseInline(oneLine, {});
  return toInlines(inline?.children ?? [], allow);
}

interface Frame {
  readonly blocks: Block[];
  close(blocks: readonly Block[]): void;
}

/** Parses a filled body. `allow`: the targets that a link may have. */
export function parseBody(markdown: string, allow: Allow): readonly Block[] {
  const root: Frame = { blocks: [], close: () => {} };
  const open: Frame[] = [root];
  /** The items of the open lists. */
  const lists: (readonly Block[])[][] = [];
  let leaf: ((children: readonly Inline[]) => Block) | null = null;
  const add = (block: Block) => open.at(-1)!.blocks.push(block);

  for (const token of parser().parse(cut(markdown), {})) {
    switch (token.type) {
      case 'paragraph_open':
        leaf = (children) => ({ kind: 'paragraph', children });
        break;
      case 'heading_open':
        leaf = (children) => ({ kind: 'heading', level: headingLevel(token), children });
        break;
      case 'inline': {
        const children = toInlines(token.children ?? [], allow);
        if (leaf !== null && !children.every(isBlank)) add(leaf(children));
        break;
      }
      case 'fence': {
        const text = decodeText(token.content).replace(/\n$/, '');
        if (text.trim() !== '') add({ kind: 'codeBlock', text });
        break;
      }
      case 'hr':
        add({ kind: 'rule' });
        break;
      case 'blockquote_open':
        push((blocks) => blocks.length > 0 && add({ kind: 'quote', children: blocks }));
        break;
      case 'bullet_list_open':
      case 'ordered_list_open': {
        const items: (readonly Block[])[] = [];
        const ordered = token.type === 'ordered_list_open';
        lists.push(items);
        push((blocks) => {
          lists.pop();
          if (items.length > 0) add({ kind: 'list', ordered, items });
          for (const block of blocks) add(block);
        });
        break;
      }
      case 'list_item_open':
        push((blocks) => blocks.length > 0 && lists.at(-1)?.push(blocks));
        break;
      case 'blockquote_close':
      case 'bullet_list_close':
      case 'ordered_list_close':
      case 'list_item_close': {
        const frame = open.pop()!;
        frame.close(frame.blocks);
        break;
      }
      default:
    }
  }
  return root.blocks;

  function push(close: (blocks: readonly Block[]) => void): void {
    const parent = open.at(-1)!;
    // Content that is nested too deeply moves to the parent.
    open.push(open.length > deepest ? { blocks: parent.blocks, close: () => {} } : { blocks: [], close });
  }
}

function headingLevel(token: Token): 1 | 2 | 3 {
  return token.tag === 'h1' ? 1 : token.tag === 'h2' ? 2 : 3;
}
