import type { Token } from 'markdown-it';
import { decodeLine } from './escape.ts';
import type { Inline } from './message.ts';
import type { Allow } from './origins.ts';

/** Limit of nesting. A reader could not see deeper levels; their content moves to the parent. */
export const deepest = 50;

interface Frame {
  readonly children: Inline[];
  /** Returns the node made of the children when it is closed. */
  close(children: readonly Inline[]): readonly Inline[];
}

/** Builds the inline part of the tree. `allow`: the targets that a link may have. */
export function toInlines(tokens: readonly Token[], allow: Allow): readonly Inline[] {
  const root: Frame = { children: [], close: (children) => children };
  const open: Frame[] = [root];
  const add = (...inlines: readonly Inline[]) => open.at(-1)!.children.push(...inlines);

  for (const token of tokens) {
    switch (token.type) {
      case 'text':
        add({ kind: 'text', text: decodeLine(token.content) });
        break;
      case 'code_inline':
        add({ kind: 'code', text: decodeLine(token.content) });
        break;
      case 'softbreak':
      case 'hardbreak':
        add({ kind: 'break' });
        break;
      case 'image':
        add(...link([{ kind: 'text', text: decodeLine(token.content) }], String(token.attrGet('src') ?? ''), allow));
        break;
      default: {
        if (token.nesting === 1) {
          const isTooDeep = open.length > deepest;
          const { children } = isTooDeep ? open.at(-1)! : { children: [] };
          open.push({ children, close: isTooDeep ? () => [] : closing(token, allow) });
        } else if (token.nesting === -1 && open.length > 1) {
          const frame = open.pop()!;
          add(...frame.close(frame.children));
        } else if (token.content !== '') {
          add({ kind: 'text', text: decodeLine(token.content) });
        }
      }
    }
  }
  while (open.length > 1) {
    const frame = open.pop()!;
    add(...frame.close(frame.children));
  }
  return tidy(root.children);
}

const kinds: Readonly<Record<string, 'strong' | 'em' | 'del' | 'spoiler'>> = {
  strong_open: 'strong',
  em_open: 'em',
  s_open: 'del',
  spoiler_open: 'spoiler',
};

function closing(token: Token, allow: Allow): Frame['close'] {
  if (token.type === 'link_open') return (children) => link(children, String(token.attrGet('href') ?? ''), allow);
  const kind = kinds[token.type];
  return (children) =>
    kind === undefined || children.every(isBlank) ? children : [{ kind, children: tidy(children) }];
}

/** Returns a link if its target is allowed; otherwise its text followed by the address as text. */
function link(children: readonly Inline[], href: string, allow: Allow): readonly Inline[] {
  const url = decodeLine(href);
  const label = children.every(isBlank) ? [{ kind: 'text', text: url } as const] : children;
  const allowed = allow(url);
  if (allowed !== null) return [{ kind: 'link', url: allowed, children: tidy(label) }];
  const isSaid = url.trim() === '' || plainText(label) === url;
  return isSaid ? label : [...label, { kind: 'text', text: ` (${url})` }];
}

/** Returns the visible text. */
function plainText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'break':
          return '\n';
        default:
          return 'text' in inline ? inline.text : plainText(inline.children);
      }
    })
    .join('');
}

/** Returns true if nothing of the node is visible. */
export function isBlank(inline: Inline): boolean {
  switch (inline.kind) {
    case 'text':
      return inline.text.trim() === '';
    case 'code':
      return inline.text === '';
    case 'break':
      return true;
    default:
      return 'children' in inline && inline.children.every(isBlank);
  }
}

/** Joins neighbouring texts and removes lines on which nothing is visible because their values were null. */
function tidy(inlines: readonly Inline[]): readonly Inline[] {
  const lines: Inline[][] = [[]];
  for (const inline of inlines) {
    const line = lines.at(-1)!;
    const last = line.at(-1);
    if (inline.kind === 'break') lines.push([]);
    else if (inline.kind === 'text' && last?.kind === 'text')
      line[line.length - 1] = { kind: 'text', text: last.text + inline.text };
    else if (inline.kind === 'text' ? inline.text !== '' : !isBlank(inline)) line.push(inline);
  }
  const kept = lines.filter((line) => !line.every(isBlank));
  return kept.flatMap((line, index): Inline[] => (index === 0 ? line : [{ kind: 'break' }, ...line]));
}
