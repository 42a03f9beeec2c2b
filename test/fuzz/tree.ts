import type { Block, Inline, Message } from '../../src/render/message.ts';
import { isAllowedLink } from './allowed-link.ts';
import type { Reading, Run } from './reading.ts';
import type { Tokens } from './tokens.ts';

/** Reads a message's own tree in the same way as a platform's text: its texts and their places. */
export function readTree({ title, url, color, body, fields, footer, image, link }: Message): Reading {
  const runs: Run[] = [];
  const links = [url, image, link].filter((address) => address !== null);
  const dangers = color === null || /^#[\da-f]{6}$/.test(color) ? [] : [`the colour ${color}`];

  function inline(node: Inline, path: readonly string[]): void {
    if (node.kind === 'text') runs.push({ text: node.text, path, isCode: false });
    else if ('text' in node) runs.push({ text: node.text, path: [...path, 'code'], isCode: true });
    else if (node.kind === 'break') runs.push({ text: '\n', path, isCode: false });
    else {
      if (node.kind === 'link') links.push(node.url);
      // The exact target is checked elsewhere: a part of the address may come from the event.
      const name = node.kind === 'link' ? `link ${URL.parse(node.url)?.host}` : node.kind;
      for (const child of node.children) inline(child, [...path, name]);
    }
  }
  const inlines = (nodes: readonly Inline[] | null, path: readonly string[]) => {
    for (const node of nodes ?? []) inline(node, path);
  };
  function block(node: Block, path: readonly string[]): void {
    if (node.kind === 'codeBlock') runs.push({ text: node.text, path: [...path, 'block of code'], isCode: true });
    else if (node.kind === 'rule') runs.push({ text: '---', path: [...path, 'rule'], isCode: false });
    else if (node.kind === 'quote') for (const child of node.children) block(child, [...path, 'quote']);
    else if (node.kind === 'list') {
      for (const item of node.items)
        for (const child of item) block(child, [...path, node.ordered ? 'numbered' : 'item']);
    } else inlines(node.children, [...path, node.kind === 'heading' ? `heading ${node.level}` : node.kind]);
    runs.push({ text: '\n', path, isCode: false });
  }

  inlines(title, ['title']);
  for (const node of body) block(node, ['body']);
  for (const { name, value } of fields) {
    inlines(name, ['field']);
    inlines(value, ['value']);
  }
  inlines(footer, ['footer']);
  return { runs, links, dangers };
}

export interface HarmlessTree {
  readonly message: Message;
  /** The formatting over each of the words, and `code`. */
  readonly looks: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Returns the same message with a harmless word for each text. A link's address as its label stays, because adapters
 * recognize it.
 */
export function harmlessTree(message: Message, tokens: Tokens): HarmlessTree {
  const looks = new Map<string, ReadonlySet<string>>();
  const text = (value: string, look: ReadonlySet<string>) => {
    if (value.trim() === '') return value;
    const [, before, inner, after] = /^(\s*)(.*?)(\s*)$/su.exec(value)!;
    const word = tokens.standFor(inner!);
    looks.set(word, look);
    return before + word + after;
  };
  const inline = (node: Inline, look: ReadonlySet<string>): Inline => {
    if (node.kind === 'break') return node;
    if ('text' in node)
      return { ...node, text: text(node.text, node.kind === 'code' ? new Set([...look, 'code']) : look) };
    if (node.kind === 'link' && isOwnLabel(node)) return node;
    const inner = node.kind === 'link' ? look : new Set([...look, node.kind]);
    return { ...node, children: node.children.map((child) => inline(child, inner)) };
  };
  const inlines = (nodes: readonly Inline[]) => nodes.map((node) => inline(node, new Set()));
  const block = (node: Block): Block => {
    if (node.kind === 'rule') return node;
    if (node.kind === 'codeBlock') return { ...node, text: text(node.text, new Set(['code'])) };
    if (node.kind === 'quote') return { ...node, children: node.children.map(block) };
    if (node.kind === 'list') return { ...node, items: node.items.map((item) => item.map(block)) };
    return { ...node, children: inlines(node.children) };
  };
  const { title, body, fields, footer } = message;
  const harmless: Message = {
    ...message,
    title: title === null ? null : inlines(title),
    body: body.map(block),
    fields: fields.map((field) => ({ ...field, name: inlines(field.name), value: inlines(field.value) })),
    footer: footer === null ? null : inlines(footer),
  };
  return { message: harmless, looks };
}

function isOwnLabel({ url, children }: Inline & { kind: 'link' }): boolean {
  const [only] = children;
  if (children.length !== 1 || only?.kind !== 'text' || !isAllowedLink(url)) return false;
  const short = (address: string) => address.replace(/^(?:https?:)?\/\//, '').replace(/\/$/, '');
  return short(only.text) === short(url) || only.text === URL.parse(url)?.host;
}
