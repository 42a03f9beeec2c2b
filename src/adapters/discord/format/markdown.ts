import type { Block, Inline } from '../../../render/message.ts';
import { type Links, toLine, type Written } from './line.ts';
import { toLines } from './runs.ts';
import { ending } from './settle.ts';

/** Inlines as lines of Discord's Markdown; empty ones are left out. */
export function inlinesToLines(inlines: readonly Inline[], links: Links, written: Written): readonly string[] {
  return toLines(inlines)
    .map((runs) => toLine(runs, links, written))
    .filter((line) => line !== '');
}

/** Where a block stands. Discord knows no quote in a quote, and fences and headings only at the top are sure to be read as such. */
interface Surroundings {
  readonly isNested: boolean;
  /** Number of lists around it. */
  readonly lists: number;
}

/** A list that stands deeper goes on at the level of the one around it. */
const deepestList = 3;

const bulleted = /^\s*(?:-|\d+\.) /;

const ruleLine = '─'.repeat(12);

/** Blocks as Discord's Markdown (https://support.discord.com/hc/en-us/articles/210298617). */
export function blocksToMarkdown(blocks: readonly Block[], links: Links, written: Written): string {
  let text = '';
  let before: Block | null = null;
  for (const block of blocks) {
    const lines = blockLines(block, { isNested: false, lists: 0 }, links, written);
    if (lines.length === 0) continue;
    text += (before === null ? '' : gap(before, block)) + lines.join('\n');
    before = block;
  }
  return text;
}

/** An empty line where two blocks would be read as one, or where the eye needs it. */
function gap(before: Block, after: Block): string {
  const isApart =
    (before.kind === after.kind && before.kind !== 'heading' && before.kind !== 'codeBlock') ||
    (before.kind === 'quote' && after.kind === 'heading') ||
    (before.kind === 'list' && after.kind === 'heading');
  return isApart ? '\n\n' : '\n';
}

function blockLines(block: Block, around: Surroundings, links: Links, written: Written): readonly string[] {
  switch (block.kind) {
    case 'paragraph':
      return inlinesToLines(block.children, links, written);
    case 'heading': {
      const children = around.isNested ? [{ kind: 'strong' as const, children: block.children }] : block.children;
      const line = inlinesToLines(onOneLine(children), links, written);
      return around.isNested ? line : line.map((text) => `${'#'.repeat(block.level)} ${text}`);
    }
    case 'quote': {
      const lines = linesIn(block.children, { ...around, isNested: true }, links, written);
      return around.isNested ? lines : lines.map((line) => `> ${line}`);
    }
    case 'list':
      return listLines(block, around, links, written);
    case 'codeBlock':
      return codeLines(block.text, around, links, written);
    case 'rule':
      return [ruleLine];
    default:
      return block satisfies never;
  }
}

function linesIn(blocks: readonly Block[], around: Surroundings, links: Links, written: Written): readonly string[] {
  return blocks.flatMap((block) => blockLines(block, around, links, written));
}

function listLines(
  list: Block & { kind: 'list' },
  around: Surroundings,
  links: Links,
  written: Written,
): readonly string[] {
  const inside: Surroundings = { isNested: true, lists: around.lists + 1 };
  let number = 1;
  return list.items.flatMap((item) => {
    const lines = linesIn(item, inside, links, written);
    // A bullet before a bullet is none; a line that looks like one is one, text would have a backslash.
    if (lines.length === 0 || bulleted.test(lines[0]!) || around.lists >= deepestList) return lines;
    const bullet = list.ordered ? `${number++}. ` : '- ';
    const indent = ' '.repeat(bullet.length);
    return lines.map((line, index) => (index === 0 ? bullet : indent) + line);
  });
}

/** A fence cannot hold three backticks, and is not sure to be read in a quote or list: there each line is code of its own. */
function codeLines(text: string, { isNested }: Surroundings, links: Links, written: Written): readonly string[] {
  const lines = text
    .toWellFormed()
    .split(/\r\n?|\n/)
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== '');
  if (first < 0) return [];
  lines.splice(0, first);
  lines.splice(lines.findLastIndex((line) => line !== '') + 1);
  const isFenced = !isNested && !text.includes('```') && !(written.hasLink && text.includes(ending));
  if (isFenced) return ['```', ...lines, '```'];
  return lines.flatMap((line) => inlinesToLines([{ kind: 'code', text: line }], links, written));
}

function onOneLine(inlines: readonly Inline[]): readonly Inline[] {
  return inlines.map((inline): Inline => {
    if (inline.kind === 'break') return { kind: 'text', text: ' ' };
    if ('children' in inline) return { ...inline, children: onOneLine(inline.children) };
    return { ...inline, text: inline.text.replace(/[\r\n\u2028\u2029]+/g, ' ') };
  });
}
