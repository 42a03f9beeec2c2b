import { shownLine } from '../text/shown.ts';

/** One thing in the configuration (or in a template of it) that a person must look at. */
export interface Problem {
  /** The file that the position is in, as the command line named it or relative in the same way. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, counted as editors count: in UTF-16 units, a tab as one. */
  readonly column: number;
  /** An error keeps Lookout from running with this configuration; a warning does not. */
  readonly severity: 'error' | 'warning';
  /** The problem, in words. */
  readonly wrong: string;
  /** The fix, in words. */
  readonly right: string;
}

/** `file:line:column: what is wrong: what would be right`, one line, nothing in it that a terminal would obey. */
export function formatProblem({ file, line, column, wrong, right }: Problem): string {
  return shownLine(`${file}:${line}:${column}: ${wrong}: ${right}`);
}

/** In the order of a reader: those of `first` (the configuration file) before other files, each by position; said twice, kept once. */
export function sortProblems(problems: readonly Problem[], first: string): readonly Problem[] {
  const rank = (problem: Problem) => (problem.file === first ? 0 : 1);
  const sorted = problems.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column ||
      a.severity.localeCompare(b.severity),
  );
  const said = new Set<string>();
  return sorted.filter((problem) => {
    const text = formatProblem(problem);
    return !said.has(text) && said.add(text);
  });
}
