import type { z } from 'zod';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { type Key, knownKeys } from './key.ts';
import type { PlatformRules } from './platform.ts';
import type { Report } from './report.ts';
import { shapeOf } from './shape.ts';
import { kindHint, misreadValue, missingHint } from './shape-hints.ts';
import { findTree, type Path, plainValue, type Tree } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** A configuration that was read as YAML, and what it should look like. */
export interface Checked {
  readonly tree: Tree;
  /** The keys that it may have. */
  readonly config: Key;
  readonly platforms: readonly PlatformRules[];
  readonly report: Report;
}

/** The shapes of whole configurations: making one takes longer than a check. */
const shapes = new WeakMap<Key, z.ZodType>();

/** Reports every key that is unknown or missing and every value of the wrong kind. */
export function checkShape(whole: Checked): void {
  const shape = shapes.get(whole.config) ?? shapeOf(whole.config);
  shapes.set(whole.config, shape);
  const result = shape.safeParse(plainValue(whole.tree));
  if (result.success) return;
  for (const issue of result.error.issues) reportIssue(issue, [], whole);
}

function reportIssue(issue: Issue, base: Path, whole: Checked): void {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) reportUnknownKey(key, path, whole);
      return;
    case 'invalid_union': {
      const branch = issue.errors.find(
        (issues) => !issues.some((one) => one.code === 'invalid_type' && one.path.length === 0),
      );
      if (branch === undefined) reportWrongKind('text', path, whole);
      else for (const inner of branch) reportIssue(inner, path, whole);
      return;
    }
    case 'invalid_type':
      reportWrongKind(issue.expected, path, whole);
      return;
    case 'invalid_value':
      reportWrongValue(issue.values.map(String), path, whole);
      return;
    default:
      whole.report.error(findTree(whole.tree, path).found.offset, `${name(path)} is not right`, issue.message);
  }
}

/** A text that is not one of a few. */
function reportWrongValue(values: readonly string[], path: Path, { tree, report }: Checked): void {
  const { found } = findTree(tree, path);
  const written = found.kind === 'text' ? `"${excerpt(found.written, 40)}"` : 'this';
  report.error(found.offset, `${written} is not a value of ${name(path)}`, `write ${values.join(' or ')}`);
}

function reportUnknownKey(key: string, path: Path, { tree, config, report }: Checked): void {
  const keyOffset = findTree(tree, [...path, key]).keyOffset ?? findTree(tree, path).found.offset;
  if (key === '<<') {
    report.error(keyOffset, '"<<" does not merge here', 'write the keys out');
    return;
  }
  const known = knownKeys(config, path);
  const meant = nearest(key, known);
  const where = path.length === 0 ? 'at the top' : `in ${name(path)}`;
  const right =
    meant !== null
      ? `did you mean "${meant}"?`
      : known.length > 0
        ? `keys ${where} are ${known.join(', ')}`
        : 'remove it';
  report.error(keyOffset, `unknown key "${excerpt(key, 60)}"`, right);
}

function reportWrongKind(expected: string, path: Path, whole: Checked): void {
  const { tree, report } = whole;
  const { found, keyOffset, complete } = findTree(tree, path);
  if (complete && found.kind === 'broken') return;
  if (!complete) {
    if (isMisspelt(path, whole)) return;
    const place = path.length === 1 ? found.offset : (findTree(tree, path.slice(0, -1)).keyOffset ?? found.offset);
    report.error(place, `${name(path)} is missing`, missingHint(whole.config, path));
    return;
  }
  const offset = found.kind === 'null' ? (found.comment?.offset ?? keyOffset ?? found.offset) : found.offset;
  const trap =
    found.kind === 'number' || found.kind === 'null' ? misreadValue(found, path, { ...whole, name: name(path) }) : null;
  if (trap) report.error(offset, trap.wrong, trap.right);
  else report.error(offset, `${name(path)} is ${kinds[found.kind]}`, kindHint(whole.config, { expected, path, found }));
}

/** Returns true if an unknown key there was reported, and the missing one is meant by it. */
function isMisspelt(path: Path, { tree, config }: Checked): boolean {
  const parent = path.slice(0, -1);
  const { found } = findTree(tree, parent);
  if (found.kind !== 'map') return false;
  const known = knownKeys(config, parent);
  return [...found.entries.keys()].some((key) => !known.includes(key) && nearest(key, known) === path.at(-1));
}

const kinds: Readonly<Record<Tree['kind'], string>> = {
  text: 'text',
  map: 'a block of keys',
  list: 'a list',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
  broken: 'unreadable',
};

/** The last key of a path, in quotes. */
function name(path: Path): string {
  const key = path.findLast((step) => typeof step === 'string');
  if (key === undefined) return 'the configuration';
  const isItem = typeof path.at(-1) === 'number';
  return isItem ? `an item of "${key}"` : `"${key}"`;
}
