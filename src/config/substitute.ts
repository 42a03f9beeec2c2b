import type { Report } from './report.ts';
import type { Variable } from './tree.ts';

/** The variables that values may ask for: the process's environment, or a test's. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  readonly value: string;
  readonly variables: readonly Variable[];
  /** For each UTF-16 unit of `value`, and for its end, the index in the text before. */
  origin(index: number): number;
}

/** `${NAME}`; `$${` stands for a literal `${`. */
const reference = /\$\$\{|\$\{([^{}]*)\}/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Replaces each `${NAME}` in a value that has been parsed already, so that no variable can add keys or break quotes.
 * A variable that is not set, or a name that is none, is reported at its `${`; `at` gives the place in the file.
 */
export function substitute(
  text: string,
  at: (index: number) => number,
  environment: Environment,
  report: Report,
): Substituted {
  const pieces: { readonly start: number; readonly from: number; readonly isLiteral: boolean }[] = [];
  const variables: Variable[] = [];
  let value = '';
  let copied = 0;
  const copyUpTo = (end: number) => {
    pieces.push({ start: value.length, from: copied, isLiteral: true });
    value += text.slice(copied, end);
  };
  for (const match of text.matchAll(reference)) {
    const name = match[1];
    copyUpTo(match.index);
    copied = match.index + match[0].length;
    pieces.push({ start: value.length, from: match.index, isLiteral: false });
    if (name === undefined) {
      value += '${';
      continue;
    }
    const content = variableName.test(name) && Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (content !== undefined) {
      value += content;
      variables.push({ name, value: content });
    } else if (variableName.test(name)) {
      report.error(
        at(match.index),
        `the environment variable ${name} is not set`,
        `set it (export ${name}=…, or ${name}=… in the file .env beside this one), or remove the key`,
      );
      variables.push({ name, value: '' });
    } else {
      const literal = `write $${match[0]} if it is meant literally`;
      report.error(
        at(match.index),
        `${match[0]} is not a variable`,
        `write \${NAME} with letters, digits and _, or ${literal}`,
      );
    }
  }
  copyUpTo(text.length);
  return {
    value,
    variables,
    origin(index) {
      if (index === 0) return 0;
      const piece = pieces.findLast((candidate) => candidate.start <= index) ?? pieces[0]!;
      return piece.isLiteral ? piece.from + (index - piece.start) : piece.from;
    },
  };
}

/** Text of others as the configuration must have it: `substitute` gives the very same text back, whatever is set. */
export function withoutReferences(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** A message about `text` with the values of variables taken out again: they may be secret. */
export function withoutVariables(message: string, variables: readonly Variable[]): string {
  // A value of three letters is not a secret, and would be found in every other word.
  const hidden = variables.filter(({ value }) => value.length > 3).sort((a, b) => b.value.length - a.value.length);
  return hidden.reduce((clean, { name, value }) => clean.replaceAll(value, `\${${name}}`), message);
}
