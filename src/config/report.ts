import type { Lines, Position } from './lines.ts';
import type { Problem } from './problem.ts';

/** Collects the problems of one configuration file while its parts are read. */
export interface Report {
  /** `offset` in the file, UTF-16 units. */
  error(offset: number, wrong: string, right: string): void;
  warning(offset: number, wrong: string, right: string): void;
  /** A problem of another file. */
  add(problem: Problem): void;
  /** Problems on this line are noise from now on: the line could not be read as it was meant, which has been said. */
  muteLine(line: number): void;
  position(offset: number): Position;
  /** `config.yaml:3:8` */
  place(offset: number): string;
  readonly problems: readonly Problem[];
}

export function createReport(file: string, lines: Lines): Report {
  const problems: Problem[] = [];
  const muted = new Set<number>();
  const report = (severity: Problem['severity']) => (offset: number, wrong: string, right: string) => {
    const position = lines.position(offset);
    if (!muted.has(position.line)) problems.push({ file, ...position, severity, wrong, right });
  };
  return {
    error: report('error'),
    warning: report('warning'),
    add: (problem) => problems.push(problem),
    muteLine: (line) => muted.add(line),
    position: lines.position,
    place(offset) {
      const { line, column } = lines.position(offset);
      return `${file}:${line}:${column}`;
    },
    problems,
  };
}
