import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import type { Complaint, Reading, Run } from '../reading.ts';
import { isWellFormedJson } from '../well-formed-json.ts';
import { findLinks } from './find-links.ts';

/**
 * The tags and attributes allowed in a `formatted_body`, from the specification
 * (https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes).
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    'del h1 h2 h3 h4 h5 h6 blockquote p ul li sup sub b i u strong em s br hr div table thead tbody tr th td caption pre details summary'
      .split(' ')
      .map((tag) => [tag, []]),
  ),
  ...{ a: ['target', 'href'], ol: ['start'], code: ['class'] },
  span: ['data-mx-bg-color', 'data-mx-color', 'data-mx-spoiler', 'data-mx-maths'],
};
const blocks = new Set('p h1 h2 h3 h4 h5 h6 blockquote ul ol li pre hr div'.split(' '));
const deepest = 100;

/**
 * Reads a `formatted_body` with a browser's parser, and its text outside links and code with the link finders of
 * clients.
 */
export function readHtml(html: string): Reading {
  const runs: Run[] = [];
  const links: string[] = [];
  const dangers: string[] = [];
  /**
   * The text of a line outside links and code; the rest of it as characters that no link crosses. Some clients flatten
   * before they link.
   */
  let flat = '';

  function visit(node: Tree.ChildNode, path: readonly string[], isCode: boolean, depth: number): void {
    if (depth > deepest) dangers.push('nested too deep');
    if (node.nodeName === '#text') {
      const { value } = node as Tree.TextNode;
      runs.push({ text: value, path, isCode });
      const isOpen = !isCode && !path.some((part) => part.startsWith('link '));
      if (isOpen) for (const found of findLinks(value)) dangers.push(`linked by clients: ${found}`);
      flat += isOpen ? value : '\n';
      return;
    }
    if (!('tagName' in node)) {
      dangers.push(`not text and no element: ${node.nodeName}`);
      return;
    }
    const { tagName: tag, attrs, childNodes } = node;
    const attributes = allowed[tag];
    if (attributes === undefined) dangers.push(`the tag ${tag}`);
    for (const { name } of attrs)
      if (attributes?.includes(name) !== true) dangers.push(`the attribute ${name} of ${tag}`);
    const isBlock = blocks.has(tag);
    if (isBlock || tag === 'br') flat += '\n';
    if (tag === 'br') runs.push({ text: '\n', path, isCode });
    let name = tag;
    if (tag === 'a') {
      const href = attrs.find((attr) => attr.name === 'href')?.value ?? '';
      links.push(href);
      name = `link ${href}`;
    } else if (attrs.some((attr) => attr.name === 'data-mx-spoiler')) name = 'spoiler';
    // A message of one paragraph has no `p` around it.
    const isInner = isCode || tag === 'code' || tag === 'pre';
    for (const child of childNodes)
      visit(child, tag === 'code' || tag === 'p' ? path : [...path, name], isInner, depth + 1);
    if (isBlock) {
      flat += '\n';
      runs.push({ text: '\n', path, isCode });
    }
  }

  for (const node of parseFragment(html).childNodes) visit(node, [], false, 1);
  for (const found of findLinks(flat)) dangers.push(`linked by clients: ${found}`);
  return { runs, links, dangers };
}

/** Limit of an event, bytes (https://spec.matrix.org/v1.16/client-server-api/#size-limits), with room for its envelope. */
const mostBytes = 60_000;

/** Returns everything that a homeserver would reject, or that a client would do although it was not intended. */
export function contentFaults(json: string): Complaint[] {
  const content = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  if (Buffer.byteLength(json) > mostBytes) faults.push(`${Buffer.byteLength(json)} bytes`);
  if (!isWellFormedJson(json)) faults.push('a lone surrogate');
  if (content.msgtype !== 'm.notice') faults.push(`msgtype ${content.msgtype}`);
  if (JSON.stringify(content['m.mentions']) !== '{}') faults.push('mentions are not switched off');
  if (JSON.stringify(content['com.beeper.linkpreviews']) !== '[]') faults.push('previews are not switched off');
  if (typeof content.body !== 'string' || content.body.trim() === '') faults.push('a blank body');
  return faults.map((detail) => ({ kind: 'payload', detail }));
}
