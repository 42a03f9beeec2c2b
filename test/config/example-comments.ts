import { isDeepStrictEqual } from 'node:util';
import { isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Key } from '../../src/config/key.ts';

/** A key as YAML text has it. */
export interface WrittenKey {
  /** As in the table of keys: `rooms.<name>.to`, `subscriptions[].events`. */
  readonly path: string;
  readonly value: unknown;
  /** The number of its line, from 0. */
  readonly line: number;
  /** The comment behind it on its line, without `# `; null: none. */
  readonly comment: string | null;
}

/** Every key in YAML text, with the comment on its line. `named`: the keys whose own keys are names that somebody chose. */
export function writtenKeys(text: string, named: readonly string[]): readonly WrittenKey[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const lines = text.split('\n');
  const found: WrittenKey[] = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key)) return;
      let path = '';
      const under = (key: unknown) => {
        const name = named.includes(path) ? '<name>' : String(isScalar(key) ? key.value : key);
        path = path === '' ? name : `${path}.${name}`;
      };
      for (const ancestor of ancestors) {
        if (isSeq(ancestor)) path += '[]';
        else if (isPair(ancestor)) under(ancestor.key);
      }
      under(pair.key);
      const line = counter.linePos(pair.key.range?.[0] ?? 0).line - 1;
      const value = (pair.value as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null;
      // A `#` in quotes or in a word does not begin a comment; each comment stands behind a blank.
      const comment = /^(?:[^"'#]|"[^"]*"|'[^']*'|(?<=\S)#)*?\s# (.*)$/.exec(lines[line] ?? '')?.[1] ?? null;
      found.push({ path, value, line, comment });
    },
  });
  return found;
}

/** The comment that the table of keys gives for a key with this value. */
export function commentOf({ says, without, byDefault, kind }: Key, value: unknown): string {
  const isDefault = kind.is !== 'block' && byDefault !== null && isDeepStrictEqual(value, byDefault);
  const rest = without === null ? '' : `; without it ${without}`;
  return `${isDefault ? 'default; ' : ''}${says}${rest}`;
}
