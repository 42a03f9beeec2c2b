import type { TextFault } from './explain-fault.ts';
import { signatures } from './helpers/all.ts';
import type { HelperResult } from './helpers/helper.ts';
import { asNumber } from './helpers/numbers.ts';

/** An argument of a helper that cannot mean anything, with what would be right. */
export type ArgumentFault = Pick<TextFault, 'wrong' | 'right'> & { readonly argument: hbs.AST.Expression };

type Kind = 'text' | 'field' | 'number' | 'size' | 'amount' | 'time' | 'list' | 'object' | 'any';

/** The kind of value that each name in a usage stands for; other names stand for any value. */
const kinds: Readonly<Record<string, Kind>> = {
  ...{ text: 'text', html: 'text', url: 'text', 'word for one': 'text', 'word for many': 'text' },
  field: 'field',
  ...{ characters: 'size', lines: 'size', columns: 'size', decimals: 'amount', spaces: 'amount' },
  ...{ seconds: 'number', count: 'number' },
  ...{ time: 'time', list: 'list', 'list or text': 'list', object: 'object' },
};

/** The parameters in a usage: `<text>`, `[<characters>]`, `["day" | "time" | "zone"]`. */
const parameter = /<([^<>]+)>|\[((?:"\w+"(?: \| )?)+)\]/g;

/**
 * Finds the arguments of a call that are of another kind than the helper takes, by the names in its usage: literals, as in
 * `truncate 100 object.title`, and results of other helpers, as in `truncate (gt 1 2)`. Values of an event are not checked: a helper takes whatever comes.
 */
export function checkArguments(
  name: string,
  usage: string,
  params: readonly hbs.AST.Expression[],
): readonly ArgumentFault[] {
  const parameters = [...usage.matchAll(parameter)];
  return params.flatMap((argument, at) => {
    const [, known, words] = parameters[at] ?? [];
    const inner = innerCall(argument);
    if (inner !== null && !takesResult(kinds[known ?? ''] ?? 'any', inner.result))
      return [{ argument, wrong: `"${name}" with (${inner.name} …) in the place of <${known}>`, right: usage }];
    const written = literalOf(argument);
    if (written === null) return [];
    const text = JSON.stringify(written);
    if (words !== undefined) {
      const choices = [...words.matchAll(/"(\w+)"/g)].map(([, word]) => word);
      if (choices.some((choice) => choice === written)) return [];
      return [{ argument, wrong: `"${name}" with ${text} as argument ${at + 1}`, right: usage }];
    }
    const kind = kinds[known ?? ''] ?? 'any';
    if (takes(kind, written)) return [];
    return [{ argument, wrong: `"${name}" with ${text} in the place of <${known}>`, right: usage }];
  });
}

/** Returns the call of another helper in an argument, with the kind of its result; null: there is none, or it gives any kind. */
function innerCall(argument: hbs.AST.Expression): { readonly name: string; readonly result: HelperResult } | null {
  if (argument.type !== 'SubExpression') return null;
  const { path } = argument as hbs.AST.SubExpression;
  const name = path.type === 'PathExpression' ? (path as hbs.AST.PathExpression).original : '';
  const result = signatures.get(name)?.result;
  return result === undefined ? null : { name, result };
}

/** Returns true if a result of one kind can mean something in the place of another. */
function takesResult(kind: Kind, result: HelperResult): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'text':
    case 'field':
      return result !== 'truth';
    case 'list':
    case 'object':
      return result === 'list';
    case 'number':
    case 'size':
    case 'amount':
    case 'time':
      return false;
    default:
      return kind satisfies never;
  }
}

/** Returns the value of a literal; null: it is a value of the event, or of another helper. */
function literalOf(argument: hbs.AST.Expression): string | number | boolean | null {
  switch (argument.type) {
    case 'StringLiteral':
      return (argument as hbs.AST.StringLiteral).value;
    case 'NumberLiteral':
      return (argument as hbs.AST.NumberLiteral).value;
    case 'BooleanLiteral':
      return (argument as hbs.AST.BooleanLiteral).value;
    default:
      return null;
  }
}

function takes(kind: Kind, value: string | number | boolean): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'field':
      // The number is the place of an item in a list.
      return typeof value !== 'boolean';
    case 'number':
      return asNumber(value) !== null;
    case 'size':
      return (asNumber(value) ?? 0) >= 1;
    case 'amount':
      return (asNumber(value) ?? -1) >= 0;
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'list':
    case 'object':
      return false;
    default:
      return kind satisfies never;
  }
}
