import { isMap, isScalar, isSeq, type Node, parseDocument, type Scalar, type YAMLMap } from 'yaml';
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

/** Reads the YAML between the two lines of `---`; `start` is its offset in the file. */
export function readFrontMatter(
  yaml: string,
  start: number,
): { readonly matter: FrontMatter; readonly faults: readonly FileFault[] } {
  const faults: FileFault[] = [];
  const fault = (offset: number, wrong: string, right: string) => faults.push({ offset: start + offset, wrong, right });
  const nothing: FrontMatter = { texts: {}, fields: [] };

  const document = parseDocument(yaml, {
    prettyErrors: false,
    keepSourceTokens: true,
    version: '1.2',
  });
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const [first = message] = message.split('\n');
    fault(pos[0], `not YAML (${first.replace(/[.:]$/, '')})`, "key: '{{…}}', in quotes");
  }
  if (faults.length > 0 || document.contents === null) return { matter: nothing, faults };
  if (!isMap(document.contents)) {
    fault(
      document.contents.range[0],
      'the front matter is not a list of keys',
      `keys like title: '…' (${keys.join(', ')})`,
    );
    return { matter: nothing, faults };
  }

  function offsetOf(node: unknown): number {
    return (node as Node | null)?.range?.[0] ?? 0;
  }

  /** Returns the entries of a map with known keys; others are faults. */
  function entries<Key extends string>(
    map: YAMLMap,
    known: readonly Key[],
  ): readonly { key: Key; keyNode: unknown; value: unknown }[] {
    return map.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      if ((known as readonly string[]).includes(name)) return [{ key: name as Key, keyNode: key, value }];
      fault(offsetOf(key), `unknown key "${name}"`, nearest(name, known) ?? `one of ${known.join(', ')}`);
      return [];
    });
  }

  function textOf(key: string, keyNode: unknown, node: unknown): PlacedScalar | null {
    const offset = node === null ? offsetOf(keyNode) : offsetOf(node);
    if (isScalar(node) && node.range) {
      const { value } = node as Scalar;
      const source = yaml.slice(node.range[0], node.range[1]);
      if (typeof value === 'string') {
        const place = placesOf(node as Scalar, value, offset);
        return { text: value, place: (at) => start + place(at) };
      }
      if (typeof value === 'number' || typeof value === 'boolean')
        return { text: source, place: (at) => start + offset + at };
    }
    const isBraces = isMap(node) && node.flow === true;
    const right = key === 'color' ? "color: '#rrggbb', in quotes (# begins a comment)" : `${key}: '{{…}}', in quotes`;
    fault(offset, isBraces ? `{ begins a YAML map here` : `"${key}" is not a text`, right);
    return null;
  }

  function fieldsOf(node: unknown): readonly FieldSource[] {
    if (!isSeq(node)) {
      fault(offsetOf(node), '"fields" is not a list', "- { name: Site, value: '{{…}}' }");
      return [];
    }
    return node.items.flatMap((item) => {
      if (!isMap(item)) {
        fault(offsetOf(item), 'a field is not a map', "{ name: Site, value: '{{…}}', inline: true }");
        return [];
      }
      const texts: { name?: PlacedScalar | null; value?: PlacedScalar | null } = {};
      let inline = false;
      for (const { key, keyNode, value } of entries(item, fieldKeys)) {
        if (key !== 'inline') texts[key] = textOf(key, keyNode, value);
        else if (isScalar(value) && typeof value.value === 'boolean') inline = value.value;
        else fault(offsetOf(value ?? keyNode), '"inline" is neither true nor false', 'inline: true');
      }
      const { name, value } = texts;
      for (const key of ['name', 'value'] as const) {
        if (texts[key] === undefined) fault(offsetOf(item), `a field without ${key}`, "{ name: Site, value: '{{…}}' }");
      }
      return name && value ? [{ name, value, inline }] : [];
    });
  }

  const texts: Partial<Record<TextKey, PlacedScalar>> = {};
  let fields: readonly FieldSource[] = [];
  for (const { key, keyNode, value } of entries(document.contents, keys)) {
    if (key === 'fields') fields = fieldsOf(value);
    else {
      const text = textOf(key, keyNode, value);
      if (text !== null) texts[key] = text;
    }
  }
  return { matter: { texts, fields }, faults };
}
