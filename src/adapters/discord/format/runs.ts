import type { Inline } from '../../../render/message.ts';

/** Formatting as bits, the outermost first: nested ones are written in this order, whatever the order in the tree. */
export const styles = { spoiler: 8, del: 4, strong: 2, em: 1 } as const;

/** A piece of text with the formatting over it. `raw`: Markdown of our own that Discord shows as something else, `<t:1:R>`. */
export interface Piece {
  readonly kind: 'text' | 'code' | 'raw';
  readonly text: string;
  readonly style: number;
}

export interface Link {
  readonly kind: 'link';
  readonly url: string;
  /** Formatting over all of it. */
  readonly style: number;
  /** Their formatting is what stands inside the link. */
  readonly label: readonly Piece[];
}

export type Run = Piece | Link;

/**
 * Inlines as lines of runs. However deep a tree is, a run has at most four kinds of formatting, each once, and neighbours that
 * look alike are one.
 */
export function toLines(inlines: readonly Inline[]): readonly (readonly Run[])[] {
  const lines: Run[][] = [[]];
  const visit = (nodes: readonly Inline[], style: number) => {
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
        case 'code':
          for (const [index, text] of linesOf(node.text).entries()) {
            if (index > 0) lines.push([]);
            add(lines.at(-1)!, { kind: node.kind, text, style });
          }
          break;
        case 'command':
          add(lines.at(-1)!, { kind: 'code', text: node.text, style });
          break;
        case 'person':
        case 'time':
          add(lines.at(-1)!, { ...asDiscordShows(node), style });
          break;
        case 'break':
          lines.push([]);
          break;
        case 'link':
          lines.at(-1)!.push(toLink(node, style));
          break;
        case 'strong':
        case 'em':
        case 'del':
        case 'spoiler':
          visit(node.children, style | styles[node.kind]);
          break;
        default:
          return node satisfies never;
      }
    }
  };
  visit(inlines, 0);
  return lines;
}

/**
 * A person as a mention, which shows the name that they have there and does not ping, since every payload of ours allows only the
 * mentions that are wanted; a time as a timestamp, which each reader sees by their own clock
 * (https://discord.com/developers/docs/reference#message-formatting).
 */
function asDiscordShows(node: Inline & { kind: 'person' | 'time' }): Pick<Piece, 'kind' | 'text'> {
  if (node.kind === 'person')
    return /^\d{17,20}$/.test(node.id) ? { kind: 'raw', text: `<@${node.id}>` } : { kind: 'text', text: node.text };
  const stamp = (style: string) => `<t:${Math.floor(node.at / 1_000)}:${style}>`;
  switch (node.style) {
    case 'moment':
      return { kind: 'raw', text: stamp('f') };
    case 'distance':
      return { kind: 'raw', text: stamp('R') };
    case 'both':
      return { kind: 'raw', text: `${stamp('f')} (${stamp('R')})` };
    default:
      return node.style satisfies never;
  }
}

/** A link is one line, and as hidden as any part of it. */
function toLink(link: Inline & { kind: 'link' }, outer: number): Link {
  const label: Piece[] = [];
  let hidden = 0;
  const visit = (nodes: readonly Inline[], style: number, isHidden = false) => {
    for (const node of nodes) {
      if ('text' in node) {
        if (isHidden && node.text.trim() !== '') hidden = styles.spoiler;
        const kind = node.kind === 'code' || node.kind === 'command' ? 'code' : 'text';
        add(label, { kind, text: linesOf(node.text).join(' '), style });
      } else if (node.kind === 'break') {
        add(label, { kind: 'text', text: ' ', style });
      } else if (node.kind === 'link') {
        visit(node.children, style, isHidden);
      } else if (node.kind === 'spoiler') {
        visit(node.children, style, true);
      } else {
        visit(node.children, style | (styles[node.kind] & ~outer), isHidden);
      }
    }
  };
  visit(link.children, 0);
  return { kind: 'link', url: link.url, style: outer | hidden, label };
}

/** Puts a piece behind the others; one with the kind and style of the last continues it. */
export function add<T extends Run>(runs: (T | Piece)[], piece: Piece): void {
  if (piece.text === '') return;
  const last = runs.at(-1);
  if (last?.kind === piece.kind && last.style === piece.style)
    runs[runs.length - 1] = { ...piece, text: last.text + piece.text };
  else runs.push(piece);
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n?|[\n\u2028\u2029]/);
}
