import type { Block, Inline } from '../../render/message.ts';

/** A piece of text in a tree. */
export interface Leaf {
  readonly text: string;
  /** Where it leads, if it stands in a link. */
  readonly url: string | null;
  /** It stands in a spoiler. */
  readonly hidden: boolean;
}

/** Every piece of text, in the order in which it is read. */
export function leavesOf(blocks: readonly Block[]): readonly Leaf[] {
  return blocks.flatMap((block): readonly Leaf[] => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return inlineLeaves(block.children, null, false);
      case 'quote':
        return leavesOf(block.children);
      case 'list':
        return block.items.flatMap(leavesOf);
      case 'codeBlock':
        return [{ text: block.text, url: null, hidden: false }];
      case 'rule':
        return [];
      default:
        return block satisfies never;
    }
  });
}

function inlineLeaves(inlines: readonly Inline[], url: string | null, hidden: boolean): readonly Leaf[] {
  return inlines.flatMap((inline): readonly Leaf[] => {
    switch (inline.kind) {
      case 'text':
      case 'code':
      case 'command':
      case 'person':
      case 'time':
        return [{ text: inline.text, url, hidden }];
      case 'break':
        return [];
      case 'link':
        return inlineLeaves(inline.children, inline.url, hidden);
      case 'spoiler':
        return inlineLeaves(inline.children, url, true);
      case 'strong':
      case 'em':
      case 'del':
        return inlineLeaves(inline.children, url, hidden);
      default:
        return inline satisfies never;
    }
  });
}
