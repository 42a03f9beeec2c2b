import type { Inline } from '../../render/message.ts';
import { shownLine } from '../../text/shown.ts';

/**
 * The look of a text. None vanishes on a light or a dark background: of the eight colours that every terminal has, magenta alone is
 * used for text, since the others are hard to read on one of the two.
 */
export type Style =
  | 'bold'
  | 'dim'
  | 'italic'
  | 'underline'
  | 'strikethrough'
  | 'magenta'
  | 'blackBright'
  | 'bgBlackBright';

/** Text in one look. A `solid` one (an address) is not broken, since it could not be copied then. */
export interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
  readonly isSolid: boolean;
}

/** Text of our own or of the tree. The tree is in its shown form; shown again, no control character gets by whatever built it. */
export function span(text: string, styles: readonly Style[] = []): Span {
  return { text: shownLine(text), styles, isSolid: false };
}

/** An address as a reader sees it. */
export function address(url: string): Span {
  return { text: shownLine(url), styles: ['underline'], isSolid: true };
}

/** The spans of each line; a line break begins a new one. */
export function toLines(inlines: readonly Inline[], styles: readonly Style[] = []): readonly (readonly Span[])[] {
  const lines: Span[][] = [[]];
  const add = (...spans: readonly Span[]) => lines.at(-1)!.push(...spans);

  function visit(inline: Inline, styles: readonly Style[]): void {
    switch (inline.kind) {
      case 'text':
      case 'person':
      case 'time':
        add(span(inline.text, styles));
        break;
      case 'code':
      case 'command':
        add(span(inline.text, [...styles, 'magenta']));
        break;
      case 'break':
        lines.push([]);
        break;
      case 'link':
        visitLink(inline, styles);
        break;
      case 'spoiler':
        add(span('[spoiler: ', styles));
        for (const child of inline.children) visit(child, [...styles, 'blackBright', 'bgBlackBright']);
        add(span(']', styles));
        break;
      case 'strong':
        for (const child of inline.children) visit(child, [...styles, 'bold']);
        break;
      case 'em':
        for (const child of inline.children) visit(child, [...styles, 'italic']);
        break;
      case 'del':
        for (const child of inline.children) visit(child, [...styles, 'strikethrough']);
        break;
      default:
        inline satisfies never;
    }
  }

  /** `label <address>`, or the address alone where the label says the same, or names its host. */
  function visitLink({ url, children }: Inline & { kind: 'link' }, styles: readonly Style[]): void {
    const [only] = children;
    if (only?.kind === 'text' && children.length === 1 && isSame(only.text, url)) {
      add(address(url));
      return;
    }
    for (const child of children) visit(child, styles);
    add(span(' <', styles), address(url), span('>', styles));
  }

  for (const inline of inlines) visit(inline, styles);
  return lines;
}

function isSame(label: string, url: string): boolean {
  const short = (text: string) => text.replace(/^(?:https?:)?\/\//, '').replace(/\/$/, '');
  return short(label) === short(url) || label === URL.parse(url)?.host;
}
