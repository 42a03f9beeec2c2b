import type { Scalar } from 'yaml';
import { placesOf } from '../yaml/places.ts';
import type { Report } from './report.ts';
import { type Environment, substitute } from './substitute.ts';
import { brokenTree, type Comment, type Tree } from './tree.ts';

/** The file that a `Tree` is built from. */
export interface SourceFile {
  /** The file's text. */
  readonly text: string;
  /** Offsets where the parser was given another character than the file has. */
  readonly repaired: ReadonlyMap<number, string>;
  readonly environment: Environment;
  readonly report: Report;
}

/** Turns one value of the parser's into a `Tree`, with variables replaced. */
export function buildScalar(node: Scalar, start: number, file: SourceFile): Tree {
  const comment = commentAfter(file.text, node.range?.[1] ?? start);
  const { value } = node;
  if (typeof value === 'string') return buildText(node, value, { start, comment }, file);
  const written = node.source ?? '';
  if (typeof value === 'number') return { kind: 'number', offset: start, value, written, comment };
  if (typeof value === 'boolean') return { kind: 'boolean', offset: start, value, written, comment };
  if (value === null) return { kind: 'null', offset: start, value, written, comment };
  file.report.error(start, 'a value of this type is not known here', 'write text, a number, true or false');
  return brokenTree(start);
}

function buildText(
  node: Scalar,
  value: string,
  { start, comment }: { readonly start: number; readonly comment: Comment | null },
  { repaired, environment, report }: SourceFile,
): Tree {
  const at = placesOf(node, value, start);
  const written = restoreText(value, at, repaired);
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

/** Returns the text as the file has it, if the parser was given something else. `at`: offset of a character in the file. */
export function restoreText(text: string, at: (index: number) => number, repaired: SourceFile['repaired']): string {
  if (repaired.size === 0) return text;
  return Array.from({ length: text.length }, (_, index) => repaired.get(at(index)) ?? text[index]).join('');
}

/** ` # …` between the end of a value and the end of its line. */
function commentAfter(text: string, end: number): Comment | null {
  const match = /^([ \t]*)(#[^\r\n]*)/.exec(text.slice(end, end + 400));
  if (!match || (match[1] === '' && !/[ \t]/.test(text[end - 1] ?? ''))) return null;
  return { offset: end + match[1]!.length, text: match[2]! };
}
