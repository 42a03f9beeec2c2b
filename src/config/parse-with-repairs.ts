import { type Document, parseDocument, type YAMLError } from 'yaml';
import { explainYamlError, restOfLine, type YamlProblem, type YamlText } from './yaml-problems.ts';

/** In one line of brackets each unquoted variable hides the next one from the parser. */
const maxRepairs = 10;

export interface Parsed {
  readonly document: Document;
  /** The file's own characters at the offsets where the parser was given another one. */
  readonly repaired: ReadonlyMap<number, string>;
  /** The problems at the repaired places. */
  readonly problems: readonly YamlProblem[];
}

interface Repair {
  readonly offset: number;
  /** As long as what it stands for, so that every other offset stays. */
  readonly stand: string;
  readonly problem: YamlProblem;
}

/**
 * Parses YAML. Two common mistakes would make nonsense of all that follows them, so they are reported and the parser is
 * given something harmless of the same length, and everything else can still be read and checked:
 *
 * - `{ token: ${X} }`: unquoted, the `{` opens a map inside brackets; given as `$<X>`.
 * - `where: object.title == "a: b"`: a colon and a space make a key of what is before them; given as `xxxx`.
 */
export function parseWithRepairs(file: YamlText): Parsed {
  const { text } = file;
  const repaired = new Map<number, string>();
  const problems: YamlProblem[] = [];
  let parsedText = text;
  for (let pass = 0; ; pass++) {
    const document = parse(parsedText);
    const repairs = pass < maxRepairs ? repairsFor(document.errors, { ...file, text: parsedText }) : [];
    if (repairs.length === 0) return { document, repaired, problems };
    const characters = parsedText.split('');
    for (const { offset, stand, problem } of repairs) {
      problems.push(problem);
      for (const [i, character] of [...stand].entries()) {
        if (characters[offset + i] === character) continue;
        repaired.set(offset + i, text[offset + i]!);
        characters[offset + i] = character;
      }
    }
    parsedText = characters.join('');
  }
}

function parse(text: string): Document {
  // Duplicate keys are found while the tree is built: the parser's own check takes quadratic time.
  return parseDocument(text, { prettyErrors: false, keepSourceTokens: true, uniqueKeys: false, merge: false });
}

function repairsFor(errors: readonly YAMLError[], file: YamlText): readonly Repair[] {
  const variables = errors.map((error) => bareVariable(error, file.text)).filter((repair) => repair !== null);
  // What else is wrong may come of these, and is looked at when they are gone.
  return variables.length > 0 ? distinct(variables) : distinct(colons(errors, file));
}

function distinct(repairs: readonly Repair[]): readonly Repair[] {
  return [...new Map(repairs.map((repair) => [repair.offset, repair])).values()];
}

function bareVariable(error: YAMLError, text: string): Repair | null {
  const offset = error.pos[0] - 1;
  const name = /^\$\{([^\s{}]*)\}/.exec(text.slice(offset, offset + 200));
  if (offset < 0 || !name) return null;
  const wrong = `${name[0]} without quotes opens a bracket inside { } or [ ]`;
  return {
    offset,
    stand: `$<${name[1]}>`,
    problem: { offset, reach: 'value', wrong, right: `put it in quotes: "${name[0]}"` },
  };
}

function colons(errors: readonly YAMLError[], file: YamlText): Repair[] {
  return errors
    .filter((error) => error.code === 'BLOCK_AS_IMPLICIT_KEY')
    .map((error) => ({ problem: explainYamlError(error, file), offset: error.pos[0] }))
    .filter(({ problem }) => problem.reach === 'line')
    .map(({ problem, offset }) => ({ problem, offset, stand: 'x'.repeat(restOfLine(file.text, offset).length) }));
}
