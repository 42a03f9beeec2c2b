import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { placesOf } from '../yaml/places.ts';
import type { Report } from './report.ts';
import { type Environment, substitute } from './substitute.ts';
import type { Comment, Entry, Tree } from './tree.ts';

/** Far beyond any configuration; a file with aliases of aliases would fill the memory otherwise. */
const maxValues = 20_000;
const maxDepth = 32;

const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

export interface BuildOptions {
  readonly document: Document;
  /** The file's text. */
  readonly text: string;
  /** Offsets where the parser was given another character than the file has. */
  readonly repaired: ReadonlyMap<number, string>;
  /** Scalars and brackets that begin on these lines could not be read as they were meant. */
  readonly brokenLines: ReadonlySet<number>;
  readonly environment: Environment;
  readonly report: Report;
}

/** Turns the parser's nodes into a `Tree`, with variables replaced; reports what YAML allows and a configuration does not. */
export function buildTree(options: BuildOptions): Tree | null {
  const { document, text, repaired, environment, report } = options;
  const anchors = new Map<string, { readonly tree: Tree; readonly size: number } | 'open'>();
  let values = 0;
  let isTooBig = false;

  const brokenAt = (offset: number): Tree => ({ kind: 'broken', offset, value: null, written: '', comment: null });

  /** Counts a value as often as aliases repeat it. */
  function count(size: number, offset: number): boolean {
    values += size;
    if (values > maxValues && !isTooBig) {
      isTooBig = true;
      report.error(
        offset,
        'this is too much for a configuration',
        `up to ${maxValues} values, aliases counted as often as they stand for something`,
      );
    }
    return !isTooBig;
  }

  function build(node: Node | null, offset: number, depth: number): Tree {
    if (node === null)
      return count(1, offset) ? { kind: 'null', offset, value: null, written: '', comment: null } : brokenAt(offset);
    const start = node.range?.[0] ?? offset;
    if (isAlias(node)) return follow(node.source, start);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor) anchors.set(anchor, 'open');
    const before = values;
    const tree = count(1, start) ? buildContent(node, start, depth) : brokenAt(start);
    if (anchor) anchors.set(anchor, { tree, size: values - before });
    return tree;
  }

  function follow(name: string, offset: number): Tree {
    const known = anchors.get(name);
    if (known === undefined) {
      report.error(
        offset,
        `*${name} refers to an anchor that is not there`,
        `put it in quotes if it is text, else write &${name} before the value it stands for`,
      );
    } else if (known === 'open') {
      report.error(offset, `*${name} refers to what it is part of`, 'write the value itself');
    } else if (count(known.size, offset)) {
      return known.tree;
    }
    return brokenAt(offset);
  }

  function buildContent(node: Node, start: number, depth: number): Tree {
    if (depth > maxDepth) {
      report.error(start, 'this is nested too deeply', 'a configuration has a few levels');
      return brokenAt(start);
    }
    const tag = node.tag;
    if (tag === '!') {
      report.error(
        start,
        'a ! before a value is a tag in YAML and would be dropped',
        'put the whole value, with its !, in quotes',
      );
      return brokenAt(start);
    }
    if (tag !== undefined && !plainTags.has(tag)) return brokenAt(start);
    if ((isMap(node) || isSeq(node)) && node.flow && isBroken(start)) return brokenAt(start);
    if (isMap(node)) return buildMap(node, start, depth);
    if (isSeq(node)) {
      return {
        kind: 'list',
        offset: start,
        items: node.items.map((item) => build(item as Node | null, start, depth + 1)),
      };
    }
    return isScalar(node) ? buildScalar(node, start) : brokenAt(start);
  }

  const isBroken = (offset: number) => options.brokenLines.has(report.position(offset).line);

  function buildMap(node: YAMLMap, start: number, depth: number): Tree {
    const entries = new Map<string, Entry>();
    for (const pair of node.items as readonly { key: Node | null; value: Node | null }[]) {
      const keyOffset = pair.key?.range?.[0] ?? start;
      const key = isScalar(pair.key) ? restore(pair.key.source ?? '', pair.key.range?.[0]) : null;
      const value = build(pair.value, pair.key?.range?.[1] ?? keyOffset, depth + 1);
      if (key === null || key === '') {
        report.error(keyOffset, 'this is not a key', 'a key is a word, followed by a colon and a space');
        continue;
      }
      if (key === '__proto__') {
        report.error(keyOffset, '"__proto__" cannot be a key', 'choose another word');
        continue;
      }
      const first = entries.get(key);
      if (first) {
        const { line } = report.position(first.keyOffset);
        report.error(keyOffset, `the key "${key}" is here a second time (first on line ${line})`, 'keep one of them');
        continue;
      }
      entries.set(key, { keyOffset, value });
    }
    return { kind: 'map', offset: start, entries };
  }

  /** The text as the file has it, where the parser was given something else. */
  function restore(value: string, start: number | undefined, at = (index: number) => (start ?? 0) + index): string {
    if (repaired.size === 0) return value;
    return Array.from({ length: value.length }, (_, i) => repaired.get(at(i)) ?? value[i]).join('');
  }

  function buildScalar(node: Scalar, start: number): Tree {
    const comment = commentAfter(text, node.range?.[1] ?? start);
    const { value } = node;
    if (isBroken(start)) return brokenAt(start);
    if (typeof value === 'string') return buildText(node, value, start, comment);
    const written = node.source ?? '';
    if (typeof value === 'number') return { kind: 'number', offset: start, value, written, comment };
    if (typeof value === 'boolean') return { kind: 'boolean', offset: start, value, written, comment };
    if (value === null) return { kind: 'null', offset: start, value, written, comment };
    report.error(start, 'a value of this type is not known here', 'write text, a number, true or false');
    return brokenAt(start);
  }

  function buildText(node: Scalar, value: string, start: number, comment: Comment | null): Tree {
    const at = placesOf(node, value, start);
    const written = restore(value, undefined, at);
    const { value: substituted, variables, origin } = substitute(written, at, environment, report);
    return {
      kind: 'text',
      offset: start,
      value: substituted,
      written,
      variables,
      style: node.type === 'PLAIN' ? 'plain' : node.type?.startsWith('BLOCK') ? 'block' : 'quoted',
      at: (index) => at(origin(index)),
      comment,
    };
  }

  return document.contents === null ? null : build(document.contents as Node, 0, 0);
}

/** ` # …` between the end of a value and the end of its line. */
function commentAfter(text: string, end: number): Comment | null {
  const match = /^([ \t]*)(#[^\r\n]*)/.exec(text.slice(end, end + 400));
  if (!match || (match[1] === '' && !/[ \t]/.test(text[end - 1] ?? ''))) return null;
  return { offset: end + match[1]!.length, text: match[2]! };
}
