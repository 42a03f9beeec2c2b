import { isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { nearest } from '../text/nearest.ts';
import { type Place, placesOf } from '../yaml/places.ts';

/** A text of the front matter, not yet compiled, with its place in the file. */
export interface PlacedScalar {
  readonly text: string;
  readonly place: Place;
}

export interface FieldSource {
  readonly name: PlacedScalar;
  readonly value: PlacedScalar;
  readonly inline: boolean;
}

export const textKeys = ['title', 'url', 'color', 'footer', 'image'] as const;
export type TextKey = (typeof textKeys)[number];

export interface FrontMatter {
  readonly texts: Readonly<Partial<Record<TextKey, PlacedScalar>>>;
  readonly fields: readonly FieldSource[];
}

/** A fault at an offset of the file, in UTF-16 units, and its correction. */
export interface FileFault {
  readonly offset: number;
  readonly wrong: string;
  readonly right: string;
}

const keys = [...textKeys, 'fields'] as const;
const fieldKeys = ['name', 'value', 'inline'] as const;

/** Form of a field, as a correction shows it. */
const fieldForm = "{ name: Site, value: '{{…}}' }";

/** A front matter, with its faults. */
interface FrontMatterResult {
  readonly matter: FrontMatter;
  readonly faults: readonly FileFault[];
}

/** Reads the YAML between the two lines of `---`; `start` is its offset in the file. */
export function readFrontMatter(yaml: string, start: number): FrontMatterResult {
  const reader = new FrontMatterReader(yaml, start);
  return { matter: reader.read(), faults: reader.faults };
}

/** A known key of a map, and its nodes. */
interface KnownEntry<Key extends string> {
  readonly key: Key;
  readonly keyNode: unknown;
  readonly value: unknown;
}

class FrontMatterReader {
  readonly faults: FileFault[] = [];
  readonly #yaml: string;
  readonly #start: number;

  constructor(yaml: string, start: number) {
    this.#yaml = yaml;
    this.#start = start;
  }

  read(): FrontMatter {
    const nothing: FrontMatter = { texts: {}, fields: [] };
    const document = parseDocument(this.#yaml, { prettyErrors: false, keepSourceTokens: true, version: '1.2' });
    for (const { pos, message } of [...document.errors, ...document.warnings]) {
      const [first = message] = message.split('\n');
      this.#fault(pos[0], `not YAML (${first.replace(/[.:]$/, '')})`, "key: '{{…}}', in quotes");
    }
    const { contents } = document;
    if (this.faults.length > 0 || contents === null) return nothing;
    if (isMap(contents)) return this.#readMatter(contents);
    const right = `keys like title: '…' (${keys.join(', ')})`;
    this.#fault(contents.range[0], 'the front matter is not a list of keys', right);
    return nothing;
  }

  #readMatter(map: YAMLMap): FrontMatter {
    const texts: Partial<Record<TextKey, PlacedScalar>> = {};
    let fields: readonly FieldSource[] = [];
    for (const entry of this.#entries(map, keys)) {
      if (entry.key === 'fields') {
        fields = this.#readFields(entry.value);
        continue;
      }
      const text = this.#readText(entry);
      if (text !== null) texts[entry.key] = text;
    }
    return { texts, fields };
  }

  #readFields(node: unknown): readonly FieldSource[] {
    if (isSeq(node)) return node.items.flatMap((item) => this.#readField(item) ?? []);
    this.#fault(offsetOf(node), '"fields" is not a list', `- ${fieldForm}`);
    return [];
  }

  #readField(item: unknown): FieldSource | null {
    if (!isMap(item)) {
      this.#fault(offsetOf(item), 'a field is not a map', "{ name: Site, value: '{{…}}', inline: true }");
      return null;
    }
    const texts: { name?: PlacedScalar | null; value?: PlacedScalar | null } = {};
    let inline = false;
    for (const entry of this.#entries(item, fieldKeys)) {
      const { key, keyNode, value } = entry;
      if (key !== 'inline') texts[key] = this.#readText(entry);
      else if (isScalar(value) && typeof value.value === 'boolean') inline = value.value;
      else this.#fault(offsetOf(value ?? keyNode), '"inline" is neither true nor false', 'inline: true');
    }
    for (const key of ['name', 'value'] as const) {
      if (texts[key] === undefined) this.#fault(offsetOf(item), `a field without ${key}`, fieldForm);
    }
    const { name, value } = texts;
    return name && value ? { name, value, inline } : null;
  }

  /** Returns the entries of a map with known keys; others are faults. */
  #entries<Key extends string>(map: YAMLMap, known: readonly Key[]): readonly KnownEntry<Key>[] {
    return map.items.flatMap(({ key: keyNode, value }) => {
      const name = isScalar(keyNode) ? String(keyNode.value) : '';
      const key = known.find((each) => each === name);
      if (key !== undefined) return [{ key, keyNode, value }];
      const right = nearest(name, known) ?? `one of ${known.join(', ')}`;
      this.#fault(offsetOf(keyNode), `unknown key "${name}"`, right);
      return [];
    });
  }

  #readText({ key, keyNode, value: node }: KnownEntry<string>): PlacedScalar | null {
    const offset = offsetOf(node ?? keyNode);
    if (isScalar(node) && node.range) {
      const { value } = node;
      if (typeof value === 'string') {
        const place = placesOf(node, value, offset);
        return { text: value, place: (at) => this.#start + place(at) };
      }
      if (typeof value === 'number' || typeof value === 'boolean') {
        const written = this.#yaml.slice(node.range[0], node.range[1]);
        return { text: written, place: (at) => this.#start + offset + at };
      }
    }
    const isBraces = isMap(node) && node.flow === true;
    const right = key === 'color' ? "color: '#rrggbb', in quotes (# begins a comment)" : `${key}: '{{…}}', in quotes`;
    this.#fault(offset, isBraces ? `{ begins a YAML map here` : `"${key}" is not a text`, right);
    return null;
  }

  #fault(offset: number, wrong: string, right: string): void {
    this.faults.push({ offset: this.#start + offset, wrong, right });
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
