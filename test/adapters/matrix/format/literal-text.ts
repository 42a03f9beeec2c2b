import type { Block, Inline, Message } from '../../../../src/render/message.ts';

/** Every character of a message that a reader should see, in order, written down without the code that is tested. */
export function literalText(message: Message): string {
  const parts = [
    message.title === null ? '' : inlineText(message.title),
    blockText(message.body),
    ...message.fields.map((field, index) => {
      const before = message.fields[index - 1];
      const separator = before?.inline && field.inline ? ' · ' : '';
      return `${separator}${inlineText(field.name)}: ${inlineText(field.value)}`;
    }),
    message.footer === null ? '' : inlineText(message.footer),
  ];
  return parts
    .join('')
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');
}

function inlineText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) =>
      'text' in inline ? inline.text.toWellFormed() : 'children' in inline ? inlineText(inline.children) : '',
    )
    .join('');
}

function blockText(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.kind === 'codeBlock') return block.text.toWellFormed();
      if (block.kind === 'quote') return blockText(block.children);
      if (block.kind === 'list') return block.items.map(blockText).join('');
      return 'children' in block ? inlineText(block.children) : '';
    })
    .join('');
}
