import type { Block, Inline, Message } from '../render/message.ts';

/** Returns what is typed in a shell in place of a command in a room, `unmute m2`. */
export type InShell = (command: string) => string;

/** Returns the body of a message as lines of plain text, each with a line break at its end. */
export const messageText = ({ body }: Message, inShell: InShell): string => blocksText(body, inShell);

/** Returns blocks as lines of plain text, each with a line break at its end. */
export function blocksText(blocks: readonly Block[], inShell: InShell): string {
  return blockLines(blocks, inShell)
    .map((line) => `${line}\n`)
    .join('');
}

function blockLines(blocks: readonly Block[], inShell: InShell): readonly string[] {
  return blocks.flatMap((block): readonly string[] => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return inlineText(block.children, inShell).split('\n');
      case 'quote':
        return blockLines(block.children, inShell).map((line) => `> ${line}`);
      case 'list':
        return block.items.flatMap((item) =>
          blockLines(item, inShell).map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`)),
        );
      case 'codeBlock':
        return block.text.split('\n').map((line) => `  ${line}`);
      case 'rule':
        return [''];
      default:
        return block satisfies never;
    }
  });
}

function inlineText(inlines: readonly Inline[], inShell: InShell): string {
  const texts = inlines.map((inline): string => {
    switch (inline.kind) {
      case 'text':
      case 'code':
      case 'person':
      case 'time':
        return inline.text;
      case 'command':
        return `\`${inShell(inline.text)}\``;
      case 'break':
        return '\n';
      case 'link': {
        const text = inlineText(inline.children, inShell);
        return text === inline.url ? text : `${text} (${inline.url})`;
      }
      case 'strong':
      case 'em':
      case 'del':
      case 'spoiler':
        return inlineText(inline.children, inShell);
      default:
        return inline satisfies never;
    }
  });
  return texts.join('');
}
