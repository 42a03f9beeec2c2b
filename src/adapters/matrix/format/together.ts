import type { Block, Inline, Message } from '../../../render/message.ts';
import { counted } from '../../../text/counted.ts';
import { cutInlines } from '../../format/cut.ts';
import { layOut } from './layout.ts';

/** The part of a list that one message may take, in UTF-16 units: enough for a title, a row of facts and a line of reasons. */
const itemUnits = 700;

const dot: Inline = { kind: 'text', text: ' · ' };

/** Several messages as one: how many they are, and an item each: its title, then what it says, in one line. */
export function listOf(messages: readonly Message[]): readonly Block[] {
  const head: Block = { kind: 'paragraph', children: [{ kind: 'text', text: counted(messages.length, 'event') }] };
  const items = messages.map((message): readonly Block[] => [{ kind: 'paragraph', children: itemOf(message) }]);
  return [head, { kind: 'list', ordered: false, items }];
}

function itemOf(message: Message): readonly Inline[] {
  const { title, body, fields } = layOut(message);
  const lines = [title, ...body.flatMap(linesOf), ...split(fields)].filter((line) => line.length > 0);
  const joined = lines.flatMap((line, index) => (index === 0 ? line : [dot, ...line]));
  const kept = joined.length === 0 ? [{ kind: 'text', text: '(no text)' } as const] : joined;
  return cutInlines(kept, { left: itemUnits, cut: false });
}

/** The lines of a block; what is in a code block or behind a rule is for a message of its own. */
function linesOf(block: Block): readonly (readonly Inline[])[] {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return split(block.children);
    case 'quote':
      return block.children.flatMap(linesOf);
    case 'list':
      return block.items.flatMap((item) => item.flatMap(linesOf));
    case 'codeBlock':
      return [[{ kind: 'code', text: block.text.trim().replaceAll('\n', '␤') }]];
    case 'rule':
      return [];
    default:
      return block satisfies never;
  }
}

function split(inlines: readonly Inline[]): readonly (readonly Inline[])[] {
  const lines: Inline[][] = [[]];
  for (const inline of inlines) {
    if (inline.kind === 'break') lines.push([]);
    else lines.at(-1)?.push(inline);
  }
  return lines;
}
