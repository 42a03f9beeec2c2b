import type { Reading, Run } from '../reading.ts';
import { type Node, parsers } from './parsers.ts';

/** The formatting of each type of node, in both parsers' names. */
const formats: Readonly<Record<string, string>> = {
  ...{ strong: 'strong', em: 'em', u: 'underline', underline: 'underline', spoiler: 'spoiler', blockQuote: 'quote' },
  ...{ strike: 'del', strikethrough: 'del', subtext: 'subtext', footnote: 'subtext' },
};

/** Nodes that are never intended. */
const mentions = /^(?:user|role|channel|everyone|here|emoji|timestamp|slashCommand|guildNavigation|discord\w+)$/;

/** Reads a Markdown text of Discord with each of the parsers. `place` begins every path. */
export function readMarkdown(source: string, place: string): Readonly<Record<string, Reading>> {
  return Object.fromEntries(Object.entries(parsers).map(([name, parse]) => [name, read(parse(source), place)]));
}

function read(nodes: readonly Node[], place: string): Reading {
  const runs: Run[] = [];
  const links: string[] = [];
  const dangers: string[] = [];

  function visit(node: Node, path: readonly string[]): void {
    const { type, content } = node;
    const into = (more: string) => {
      if (typeof content === 'string') runs.push({ text: content, path: [...path, more], isCode: false });
      else for (const child of content ?? []) visit(child, [...path, more]);
    };
    if (type === 'text') runs.push({ text: String(content), path, isCode: false });
    else if (type === 'twemoji') runs.push({ text: node.name ?? '', path, isCode: false });
    else if (type === 'br' || type === 'newline') runs.push({ text: '\n', path, isCode: false });
    else if (type === 'inlineCode' || type === 'codeBlock') runs.push({ text: String(content), path, isCode: true });
    else if (type === 'link') {
      links.push(node.target ?? '');
      into(`link ${node.target}`);
    } else if (type === 'danger') dangers.push(`${node.name} ${content}`);
    else if (mentions.test(type)) dangers.push(type);
    else if (type === 'heading') into(`heading ${node.level}`);
    else if (type === 'listItem') into(`item ${node.mark}`);
    else if (formats[type] !== undefined) into(formats[type]);
    else dangers.push(`a node that is not known: ${type}`);
  }

  for (const node of nodes) visit(node, [place]);
  return { runs, links, dangers };
}
