import type { Block, Inline } from '../../../render/message.ts';
import { showsItself } from './guard.ts';

/**
 * `body`, for notifications and for clients that show no HTML.
 *
 * What was guarded stands in backticks: a program that reads Markdown (a bridge, a terminal client) leaves it alone, and
 * a reader is not shown other characters than were written. A client that links whatever looks like a link in plain text
 * cannot be kept from it without falsifying the text. A spoiler's text is left out here: notifications pop up unasked.
 */
export function toPlain(blocks: readonly Block[]): string {
  return blocks.map(blockToPlain).join('\n');
}

function blockToPlain(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return inlinesToPlain(block.children);
    case 'quote':
      return indent(toPlain(block.children), '> ', '> ');
    case 'list':
      return block.items
        .map((item, index) => indent(toPlain(item), block.ordered ? `${index + 1}. ` : '- ', '  '))
        .join('\n');
    case 'codeBlock':
      return `\`\`\`\n${block.text.replace(/\n$/, '')}\n\`\`\``;
    case 'rule':
      return '---';
    default:
      return block satisfies never;
  }
}

function indent(text: string, first: string, others: string): string {
  return first + text.replaceAll('\n', `\n${others}`);
}

function inlinesToPlain(inlines: readonly Inline[]): string {
  return inlines.map(inlineToPlain).join('');
}

function inlineToPlain(inline: Inline): string {
  switch (inline.kind) {
    case 'text':
    case 'person':
    case 'time':
      return inline.text;
    case 'code':
    case 'command': {
      const fence = inline.text.includes('`') ? '``' : '`';
      return `${fence}${inline.text}${fence}`;
    }
    case 'break':
      return '\n';
    case 'link':
      return showsItself(inline) ? inline.url : `${inlinesToPlain(inline.children)} (${inline.url})`;
    case 'spoiler':
      return '[spoiler]';
    case 'strong':
    case 'em':
    case 'del':
      return inlinesToPlain(inline.children);
    default:
      return inline satisfies never;
  }
}
