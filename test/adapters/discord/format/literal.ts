import type { Block, Inline } from '../../../../src/render/message.ts';
import type { Shown } from './parsed.ts';

/** Every character that a reader should see, with what it stands in: written down without the code that is tested. */
export function literal(blocks: readonly Block[]): readonly Shown[] {
  return blocks.flatMap((block): readonly Shown[] => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return literalInlines(block.children);
      case 'quote':
        return literal(block.children);
      case 'list':
        return block.items.flatMap(literal);
      case 'codeBlock':
        return characters(block.text, []);
      case 'rule':
        return [];
      default:
        return block satisfies never;
    }
  });
}

export function literalInlines(inlines: readonly Inline[], inside: readonly string[] = []): readonly Shown[] {
  return inlines.flatMap((inline): readonly Shown[] => {
    if (inline.kind === 'break') return [];
    if (inline.kind === 'text') return characters(inline.text, inside);
    if ('text' in inline) return characters(inline.text, [...inside, 'code']);
    // Whoever hides a part of a link hides the whole of it.
    const isHidden =
      inline.kind === 'link' && literalInlines(inline.children).some((each) => each.inside.includes('spoiler'));
    return literalInlines(inline.children, [...inside, inline.kind, ...(isHidden ? ['spoiler'] : [])]);
  });
}

function characters(text: string, inside: readonly string[]): readonly Shown[] {
  const kinds = [...new Set(inside)].sort().join(' ');
  return [...text.toWellFormed().replace(/\s/gu, '')].map((character) => ({ character, inside: kinds }));
}
