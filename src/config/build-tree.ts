import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { buildScalar, restoreText, type SourceFile } from './build-scalar.ts';
import { brokenTree, type Entry, type Tree } from './tree.ts';

/** Enough for 20,000 rooms with options and subscriptions; a file with aliases of aliases would fill the memory otherwise. */
const maxValues = 100_000;
const maxDepth = 32;

const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

export interface BuildOptions extends SourceFile {
  readonly document: Document;
  /** Scalars and brackets that begin on these lines could not be read as they were meant. */
  readonly brokenLines: ReadonlySet<number>;
}

/** Turns the parser's nodes into a `Tree`, with variables replaced; reports what YAML allows and a configuration does not. */
export function buildTree(options: BuildOptions): Tree | null {
  const root = options.document.contents;
  return root === null ? null : new TreeBuilder(options).build(root as Node, 0, 0);
}

/** A value with an anchor. `size`: number of values in it. `open`: it is being built. */
type Anchored = { readonly tree: Tree; readonly size: number } | 'open';

class TreeBuilder {
  readonly #file: BuildOptions;
  readonly #anchors = new Map<string, Anchored>();
  #values = 0;
  #isTooBig = false;

  constructor(file: BuildOptions) {
    this.#file = file;
  }

  /** `offset`: the place of a node that has none. */
  build(node: Node | null, offset: number, depth: number): Tree {
    if (node === null)
      return this.#count(1, offset)
        ? { kind: 'null', offset, value: null, written: '', comment: null }
        : brokenTree(offset);
    const start = node.range?.[0] ?? offset;
    if (isAlias(node)) return this.#follow(node.source, start);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor) this.#anchors.set(anchor, 'open');
    const before = this.#values;
    const tree = this.#count(1, start) ? this.#buildContent(node, start, depth) : brokenTree(start);
    if (anchor) this.#anchors.set(anchor, { tree, size: this.#values - before });
    return tree;
  }

  /** Counts a value as often as aliases repeat it. Returns false if there are too many. */
  #count(size: number, offset: number): boolean {
    this.#values += size;
    if (this.#values > maxValues && !this.#isTooBig) {
      this.#isTooBig = true;
      this.#file.report.error(
        offset,
        'this is too much for a configuration',
        `up to ${maxValues} values, aliases counted as often as they stand for something`,
      );
    }
    return !this.#isTooBig;
  }

  /** Returns the value that an alias stands for. */
  #follow(name: string, offset: number): Tree {
    const { report } = this.#file;
    const known = this.#anchors.get(name);
    if (known === undefined) {
      report.error(
        offset,
        `*${name} refers to an anchor that is not there`,
        `put it in quotes if it is text, else write &${name} before the value it stands for`,
      );
    } else if (known === 'open') {
      report.error(offset, `*${name} refers to what it is part of`, 'write the value itself');
    } else if (this.#count(known.size, offset)) {
      return known.tree;
    }
    return brokenTree(offset);
  }

  #buildContent(node: Node, start: number, depth: number): Tree {
    const { report } = this.#file;
    if (depth > maxDepth) {
      report.error(start, 'this is nested too deeply', 'a configuration has a few levels');
      return brokenTree(start);
    }
    if (node.tag === '!') {
      report.error(
        start,
        'a ! before a value is a tag in YAML and would be dropped',
        'put the whole value, with its !, in quotes',
      );
      return brokenTree(start);
    }
    if (node.tag !== undefined && !plainTags.has(node.tag)) return brokenTree(start);
    if (isScalar(node)) return this.#isBroken(start) ? brokenTree(start) : buildScalar(node, start, this.#file);
    if (!isMap(node) && !isSeq(node)) return brokenTree(start);
    if (node.flow && this.#isBroken(start)) return brokenTree(start);
    if (isMap(node)) return this.#buildMap(node, start, depth);
    const items = node.items.map((item) => this.build(item as Node | null, start, depth + 1));
    return { kind: 'list', offset: start, items };
  }

  #isBroken(offset: number): boolean {
    const { brokenLines, report } = this.#file;
    return brokenLines.has(report.position(offset).line);
  }

  #buildMap(node: YAMLMap, start: number, depth: number): Tree {
    const entries = new Map<string, Entry>();
    for (const pair of node.items as readonly { key: Node | null; value: Node | null }[]) {
      const keyOffset = pair.key?.range?.[0] ?? start;
      const value = this.build(pair.value, pair.key?.range?.[1] ?? keyOffset, depth + 1);
      const key = this.#readKey(pair.key, keyOffset, entries);
      if (key !== null) entries.set(key, { keyOffset, value });
    }
    return { kind: 'map', offset: start, entries };
  }

  /** Returns a key; null if it cannot be one, which is reported. */
  #readKey(node: Node | null, offset: number, known: ReadonlyMap<string, Entry>): string | null {
    const { report, repaired } = this.#file;
    const place = (index: number) => (node?.range?.[0] ?? 0) + index;
    const key = isScalar(node) ? restoreText(node.source ?? '', place, repaired) : '';
    if (key === '') {
      report.error(offset, 'this is not a key', 'a key is a word, followed by a colon and a space');
      return null;
    }
    if (key === '__proto__') {
      report.error(offset, '"__proto__" cannot be a key', 'choose another word');
      return null;
    }
    const first = known.get(key);
    if (first === undefined) return key;
    const { line } = report.position(first.keyOffset);
    report.error(offset, `the key "${key}" is here a second time (first on line ${line})`, 'keep one of them');
    return null;
  }
}
