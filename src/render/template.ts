import type { Place } from '../yaml/places.ts';
import { type CompiledText, compileText } from './compile-text.ts';
import type { Fill } from './engine.ts';
import { type FileFault, type PlacedScalar, readFrontMatter, type TextKey, textKeys } from './front-matter.ts';
import { originsIn } from './origins.ts';

/** A fault in a template's file and its correction. Line and column from 1, columns in UTF-16 units. */
export interface TemplateProblem {
  readonly line: number;
  readonly column: number;
  readonly wrong: string;
  readonly right: string;
}

/** A template that is ready to be filled. */
export interface Template {
  /** `post` for `post.hbs`. */
  readonly name: string;
  readonly file: string;
  /** The whole text of the file. */
  readonly text: string;
  /** Places of `object.<field>`, for a check against the models of the subscriptions. */
  readonly fieldsUsed: readonly { readonly field: string; readonly line: number; readonly column: number }[];
  /** Places of names that only cards have: `card.tp`, or `card` alone. */
  readonly cardsUsed: readonly { readonly name: string; readonly line: number; readonly column: number }[];
  /** Every name of the context that it may read: `post`. */
  readonly namesUsed: ReadonlySet<string>;
  readonly parts: Readonly<Partial<Record<TextKey, Fill>>>;
  readonly fields: readonly { readonly name: Fill; readonly value: Fill; readonly inline: boolean }[];
  readonly body: Fill;
  /** Origins in its text: `https://charcoal-se.org`. Addresses there may be shown as links. */
  readonly origins: ReadonlySet<string>;
}

const colorPattern = /^#[\da-f]{6}$/i;

/** Compiles the text of a template's file. `file` is for messages. Returns all problems, not only the first. */
export function compileTemplate(
  name: string,
  file: string,
  text: string,
): { outcome: 'ok'; template: Template } | { outcome: 'problems'; problems: readonly TemplateProblem[] } {
  const faults: FileFault[] = [];
  const fieldsUsed: { field: string; offset: number }[] = [];
  const cardsUsed: { name: string; offset: number }[] = [];
  const namesUsed = new Set<string>();

  function compile(source: string, place: Place): CompiledText {
    const result = compileText(source);
    if (result.outcome === 'faults') {
      for (const { offset, wrong, right } of result.faults) faults.push({ offset: place(offset), wrong, right });
      return { fill: () => '', fields: [], ofCards: [], names: new Set(), isConstant: false };
    }
    for (const name of result.compiled.names) namesUsed.add(name);
    for (const { field, offset } of result.compiled.fields) fieldsUsed.push({ field, offset: place(offset) });
    for (const { name: used, offset } of result.compiled.ofCards) cardsUsed.push({ name: used, offset: place(offset) });
    return result.compiled;
  }
  const compileScalar = ({ text, place }: PlacedScalar) => compile(text, place).fill;

  const { yaml, yamlStart, bodyStart, isClosed } = splitFile(text);
  if (!isClosed) faults.push({ offset: 0, wrong: 'the front matter is never closed', right: 'a second line of ---' });
  const { matter, faults: matterFaults } = readFrontMatter(yaml, yamlStart);
  faults.push(...matterFaults);

  const parts: Partial<Record<TextKey, Fill>> = {};
  for (const key of textKeys) {
    const source = matter.texts[key];
    if (source === undefined) continue;
    const { fill, isConstant } = compile(source.text, source.place);
    if (key === 'color' && isConstant && !colorPattern.test(source.text.trim())) {
      faults.push({ offset: source.place(0), wrong: `"${source.text.trim()}" is not a color`, right: "'#rrggbb'" });
    }
    parts[key] = fill;
  }
  const fields = matter.fields.map(({ name, value, inline }) => ({
    name: compileScalar(name),
    value: compileScalar(value),
    inline,
  }));
  const body = compile(text.slice(bodyStart), (offset) => bodyStart + offset).fill;

  if (faults.length > 0) {
    const problems = faults
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, wrong, right }) => ({ ...positionOf(text, offset), wrong, right }));
    return { outcome: 'problems', problems };
  }
  const placed = <T extends { readonly offset: number }>(used: readonly T[]) =>
    used
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, ...what }) => ({ ...what, ...positionOf(text, offset) }));
  const names = { fieldsUsed: placed(fieldsUsed), cardsUsed: placed(cardsUsed), namesUsed };
  return { outcome: 'ok', template: { name, file, text, ...names, parts, fields, body, origins: originsIn(text) } };
}

interface FileParts {
  readonly yaml: string;
  readonly yamlStart: number;
  readonly bodyStart: number;
  readonly isClosed: boolean;
}

/** Splits a file: the front matter is between a first line of `---` and the next one. */
function splitFile(text: string): FileParts {
  const begin = /^\ufeff?(?:---[ \t]*(?:\r?\n|$))?/.exec(text)![0];
  if (!begin.includes('---')) return { yaml: '', yamlStart: 0, bodyStart: begin.length, isClosed: true };
  const yamlStart = begin.length;
  const end = /^---[ \t]*(?:\r?\n|$)/gm;
  end.lastIndex = yamlStart;
  const found = end.exec(text);
  if (found === null) return { yaml: '', yamlStart, bodyStart: text.length, isClosed: false };
  return { yaml: text.slice(yamlStart, found.index), yamlStart, bodyStart: end.lastIndex, isClosed: true };
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
