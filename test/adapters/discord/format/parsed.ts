import { parser as odiffey } from '@odiffey/discord-markdown';
import { parse } from 'discord-markdown-parser';

/** A visible character and what it stands in. White space is left out: formatting may move it. */
export interface Shown {
  readonly character: string;
  /** Of `strong`, `em`, `del`, `spoiler`, `link`, `code`, in alphabetical order. */
  readonly inside: string;
}

export interface Parsed {
  readonly shown: readonly Shown[];
  /** Names of all kinds of nodes but text, as our trees have them; `list`, `heading`, `subtext`, `quote`, `codeBlock` among them. */
  readonly kinds: ReadonlySet<string>;
  readonly links: readonly string[];
}

interface Node {
  readonly type: string;
  readonly content?: unknown;
  readonly items?: readonly unknown[];
  readonly name?: string;
  readonly target?: string;
}

/** What the parsers call what our trees have; every other name is handed on as it is. */
const names: Readonly<Record<string, string>> = {
  strikethrough: 'del',
  strike: 'del',
  inlineCode: 'code',
  blockQuote: 'quote',
  footnote: 'subtext',
};
const isPlain = new Set(['text', 'br', 'newline', 'twemoji', 'emoticon']);
const isInline = new Set(['strong', 'em', 'del', 'spoiler', 'link', 'code']);

/** Both parsers of Discord's dialect that others keep, each with its own reading. discord-markdown-parser knows no lists. */
export const parsers: Readonly<
  Record<'discord-markdown-parser' | '@odiffey/discord-markdown', (text: string) => Parsed>
> = {
  'discord-markdown-parser': (text) => read(parse(text, 'extended') as Node[]),
  '@odiffey/discord-markdown': (text) => read(odiffey(text) as Node[]),
};

function read(nodes: readonly Node[]): Parsed {
  const shown: Shown[] = [];
  const kinds = new Set<string>();
  const links: string[] = [];
  const show = (text: string, inside: readonly string[]) => {
    for (const character of text.replace(/\s/gu, ''))
      shown.push({ character, inside: [...new Set(inside)].sort().join(' ') });
  };
  const visit = (node: unknown, inside: readonly string[]): void => {
    if (typeof node === 'string') {
      show(node, inside);
      return;
    }
    if (Array.isArray(node)) {
      for (const each of node) visit(each, inside);
      return;
    }
    const { type, content, items, name, target } = node as Node;
    const kind = names[type] ?? type;
    if (!isPlain.has(kind)) kinds.add(kind);
    if (target !== undefined) links.push(target);
    const within = isInline.has(kind) ? [...inside, kind] : inside;
    if (content === undefined && items === undefined && name !== undefined) show(name, within);
    visit(content ?? [], within);
    visit(items ?? [], within);
  };
  visit(nodes, []);
  return { shown, kinds, links };
}
