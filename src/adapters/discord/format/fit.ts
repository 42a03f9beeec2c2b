import type { Block, Inline } from '../../../render/message.ts';
import { type Budget, cutBlocks, cutInlines } from '../../format/cut.ts';
import type { Links, Written } from './line.ts';
import { blocksToMarkdown, inlinesToLines } from './markdown.ts';

/** Markdown within its limit. */
export interface Fitted {
  readonly text: string;
  /** A link in it carries the mark. */
  readonly isMarked: boolean;
  readonly isCut: boolean;
}

/** No tree of nodes that show something takes more of a budget than this for each unit of Markdown that it makes. */
const budgetOfUnit = 10;

/** Blocks as Markdown of at most `limit` UTF-16 units; what is too long ends with "…". */
export function fitBlocks(blocks: readonly Block[], limit: number, links: Links): Fitted {
  return fit(limit, links, (budget, written) => blocksToMarkdown(cutBlocks(blocks, budget), links, written));
}

/** The same for inlines, whose lines are joined by `separator`. */
export function fitInlines(
  inlines: readonly Inline[],
  limit: number,
  links: Links,
  separator: '\n' | ' ' = ' ',
): Fitted {
  return fit(limit, links, (budget, written) =>
    inlinesToLines(cutInlines(inlines, budget), links, written).join(separator),
  );
}

/** The text of inlines, for places that know no Markdown. */
export function fitPlain(inlines: readonly Inline[], limit: number): Fitted {
  return fit(limit, null, (budget) => plainText(cutInlines(inlines, budget)).replace(/\s+/gu, ' ').trim());
}

function fit(limit: number, links: Links | null, write: (budget: Budget, written: Written) => string): Fitted {
  for (let left = limit * budgetOfUnit; left >= 1; ) {
    const budget: Budget = { left, cut: false };
    // In content all parts of a message are one text: a link may stand in one before.
    const written: Written = { isMarked: false, hasLink: links?.form === 'quiet' };
    const text = write(budget, written);
    if (text.length <= limit) return { text, isMarked: written.isMarked, isCut: budget.cut };
    left = Math.floor(Math.min(left * 0.9, (left * limit * 0.97) / text.length));
  }
  return { text: limit > 0 ? '…' : '', isMarked: false, isCut: true };
}

function plainText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === 'break') return ' ';
      return 'children' in inline ? plainText(inline.children) : inline.text;
    })
    .join('');
}
