import { type Document, isScalar, visit, type YAMLError } from 'yaml';
import { buildTree } from './build-tree.ts';
import type { Lines } from './lines.ts';
import { parseWithRepairs } from './parse-with-repairs.ts';
import type { PlatformRules } from './platform.ts';
import type { Report } from './report.ts';
import type { Environment } from './substitute.ts';
import type { Tree } from './tree.ts';
import { explainYamlError, type YamlProblem, type YamlText } from './yaml-problems.ts';

/** Number of lines with errors that are shown. More are about one mistake, or the file is not YAML at all. */
const maxSyntaxProblems = 20;

/**
 * Signs that begin or end a value, each of which costs the parser some kilobytes: 1 MiB of brackets would take more than 400 MB
 * (measured). Three times what the largest configuration has (`maxValues` in `build-tree.ts`).
 */
const maxSigns = 60_000;

/** Where the first sign is that is too many; null: none is. */
function tooManySigns(text: string): number | null {
  let signs = 0;
  for (const { index } of text.matchAll(/[[\]{},]|:(?=\s)|-(?=\s)/g)) if (++signs > maxSigns) return index;
  return null;
}

export interface ReadYamlOptions {
  readonly lines: Lines;
  readonly environment: Environment;
  readonly report: Report;
  /** The platforms whose addresses a value may be meant as. */
  readonly platforms: readonly PlatformRules[];
}

/**
 * YAML text as a `Tree`, with the variables of `environment` in its values. Every problem of syntax goes to `report`; null
 * if the parser's result cannot be trusted, or if the file is empty.
 */
export function readYaml(text: string, options: ReadYamlOptions): Tree | null {
  const { lines, environment, report } = options;
  const tooMany = tooManySigns(text);
  if (tooMany !== null) {
    report.error(
      tooMany,
      'this is too much for a configuration',
      `up to ${maxSigns} colons, commas, dashes and brackets`,
    );
    return null;
  }
  const file = { ...options, text };
  const { document, repaired, problems } = parseWithRepairs(file);
  const said = new Map<number, YAMLError>();
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = lines.position(error.pos[0]);
    if (!said.has(line) && said.size < maxSyntaxProblems) said.set(line, error);
  }
  const explained = [...problems, ...[...said.values()].map((error) => explain(error, document, file))];
  for (const { offset, wrong, right } of explained) report.error(offset, wrong, right);
  const brokenLines = new Set<number>();
  for (const { offset, reach } of explained) {
    const { line } = lines.position(offset);
    if (reach === 'value') continue;
    brokenLines.add(line);
    report.muteLine(line);
  }
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    const { version } = document.directives.yaml;
    report.error(0, `this asks for YAML ${version}`, 'a configuration is YAML 1.2: remove the %YAML line');
    return null;
  }
  if (explained.some(({ reach }) => reach === 'file')) return null;
  return buildTree({ document, text, repaired, brokenLines, environment, report });
}

/** Explains an error. An unclosed bracket or quote is shown where it was opened; the parser only knows where it gave up. */
function explain(error: YAMLError, document: Document, file: YamlText): YamlProblem {
  const problem = explainYamlError(error, file);
  if (problem.unclosed === undefined) return problem;
  let { offset } = problem;
  visit(document, {
    Node: (_, node) => {
      const [start = -1, end = -1] = isScalar(node) || 'items' in node ? (node.range ?? []) : [];
      if (file.text[start] === problem.unclosed && start < offset && end >= error.pos[0] - 1) offset = start;
    },
  });
  return { ...problem, offset };
}
