import type { Block, Inline } from '../../render/message.ts';

/** The units that are left. Texts count their UTF-16 units, every node a little for its tags. */
export interface Budget {
  left: number;
  /** Something was left out, and "…" stands there. */
  cut: boolean;
}

const nodeCost = 8;
/** HTML may nest 100 deep on Matrix; each of these levels takes at most three tags. */
const depthLimit = 24;
/** A longer address is not worth a link; its text stays. */
const urlLimit = 2_048;
/** So far back from the limit we look for the end of a word, in UTF-16 units. */
const wordWindow = 40;

const ellipsis: Inline = { kind: 'text', text: '…' };

/** Takes as much of `inlines` as the budget allows and ends with "…" where that is not all. Cost is linear in the budget. */
export function cutInlines(
  inlines: readonly Inline[],
  budget: Budget,
  depth = 0,
  place: 'in a link' | 'free' = 'free',
): readonly Inline[] {
  const kept: Inline[] = [];
  for (const inline of inlines) {
    if (budget.left <= 0 || depth > depthLimit) {
      if (!budget.cut || depth > depthLimit) kept.push(ellipsis);
      budget.cut = true;
      break;
    }
    budget.left -= nodeCost;
    kept.push(...cutInline(inline, budget, depth, place));
  }
  return kept;
}

function cutInline(inline: Inline, budget: Budget, depth: number, place: 'in a link' | 'free'): readonly Inline[] {
  switch (inline.kind) {
    case 'text':
    case 'code':
      // Two pieces of text with nothing between them are read as one.
      return inline.text === '' ? [] : [{ kind: inline.kind, text: cutText(inline.text, budget) }];
    case 'break':
      return [inline];
    case 'command':
    case 'person':
    case 'time':
      budget.left -= inline.text.length;
      return [inline];
    case 'link': {
      // HTML has no link in a link: a title that is linked as a whole keeps the text of those in it.
      const url = place === 'in a link' ? null : normalUrl(inline.url);
      if (url === null || url.length > budget.left) return cutInlines(inline.children, budget, depth + 1, place);
      budget.left -= url.length;
      return [{ ...inline, url, children: cutInlines(inline.children, budget, depth + 1, 'in a link') }];
    }
    case 'strong':
    case 'em':
    case 'del':
    case 'spoiler':
      return [{ ...inline, children: cutInlines(inline.children, budget, depth + 1, place) }];
    default:
      return inline satisfies never;
  }
}

/** The same for blocks. */
export function cutBlocks(blocks: readonly Block[], budget: Budget, depth = 0): readonly Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    if (budget.left <= 0 || depth > depthLimit) {
      if (!budget.cut || depth > depthLimit) kept.push({ kind: 'paragraph', children: [ellipsis] });
      budget.cut = true;
      break;
    }
    budget.left -= nodeCost;
    kept.push(cutBlock(block, budget, depth));
  }
  return kept;
}

function cutBlock(block: Block, budget: Budget, depth: number): Block {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return { ...block, children: cutInlines(block.children, budget, depth + 1) };
    case 'quote':
      return { ...block, children: cutBlocks(block.children, budget, depth + 1) };
    case 'list': {
      const items: (readonly Block[])[] = [];
      for (const item of block.items) {
        if (budget.left <= 0) {
          if (!budget.cut) items.push([{ kind: 'paragraph', children: [ellipsis] }]);
          budget.cut = true;
          break;
        }
        budget.left -= nodeCost;
        items.push(cutBlocks(item, budget, depth + 1));
      }
      return { ...block, items };
    }
    case 'codeBlock':
      return { ...block, text: cutText(block.text, budget) };
    case 'rule':
      return block;
    default:
      return block satisfies never;
  }
}

/** `https://…` or `http://…` in its normal form, else null: nothing else is a link here. */
export function normalUrl(url: string): string | null {
  if (url.length > urlLimit || !/^https?:\/\//i.test(url)) return null;
  const parsed = URL.parse(url);
  return parsed === null || parsed.href.length > urlLimit ? null : parsed.href;
}

function cutText(text: string, budget: Budget): string {
  if (text.length <= budget.left) {
    budget.left -= text.length;
    return clean(text);
  }
  const end = wordEnd(text, Math.max(0, budget.left));
  budget.left = 0;
  budget.cut = true;
  return `${clean(text.slice(0, end))}…`;
}

/** The end of the last whole word before `limit`; in a word without end, of the last whole character. */
function wordEnd(text: string, limit: number): number {
  const start = Math.max(0, limit - wordWindow);
  const space = /\s+\S*$/u.exec(text.slice(start, limit + 1));
  if (space !== null && start + space.index > 0) return start + space.index;
  let end = limit;
  while (end > start && joinsToWhatIsBefore(text, end)) end--;
  return end;
}

/** Returns true if a cut at `at` would part a surrogate pair, a combining mark from its base, or an emoji from what it is joined to. */
function joinsToWhatIsBefore(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code >= 0xdc00 && code <= 0xdfff) return true;
  return /^[\p{M}\p{Emoji_Modifier}\u200d]/u.test(text.slice(at, at + 2)) || text[at - 1] === '\u200d';
}

/** Well-formed, and without the control characters that HTML and databases cannot hold; it is in its shown form already. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');
}
