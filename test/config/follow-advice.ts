import type { Problem } from '../../src/config/problem.ts';

/** The texts of a configuration's files, by name. */
export type Texts = Readonly<Record<string, string>>;

/** A change of one word of a file. */
interface Repair {
  readonly from: string;
  readonly to: string;
}

/**
 * Returns the files as a person leaves them who does what a diagnostic says and nothing else: from its place on, the first word that
 * it calls wrong is replaced by what it shows. Null: it shows nothing that can be written there.
 */
export function followAdvice(
  texts: Texts,
  file: string,
  problem: Pick<Problem, 'line' | 'column' | 'wrong' | 'right'>,
): Texts | null {
  const text = texts[file];
  if (text === undefined) return null;
  const lines = text.split('\n');
  const start = lines.slice(0, problem.line - 1).join('\n').length + (problem.line > 1 ? 1 : 0) + problem.column - 1;
  const rest = text.slice(start);
  const repair = repairOf(problem, text.slice(0, start), rest);
  if (repair === null) return null;
  const at = rest.indexOf(repair.from);
  if (at < 0 || repair.from === '') return null;
  return {
    ...texts,
    [file]: text.slice(0, start) + rest.slice(0, at) + repair.to + rest.slice(at + repair.from.length),
  };
}

/** `before` and `rest`: the file up to the place of the problem, and from there on. */
function repairOf({ wrong, right }: Pick<Problem, 'wrong' | 'right'>, before: string, rest: string): Repair | null {
  const shown = shownIn(right);
  if (shown === null) return null;
  // The whole value at the place: `posts#creat`, `console:smoke`, `https://a.example/api`.
  const whole = /^["']?([^\s,;'"(){}[\]]+)/.exec(rest)?.[1] ?? '';
  const hasSameForm = (sign: string) => shown.includes(sign) && whole.includes(sign);
  if (hasSameForm('#') || hasSameForm(':')) return { from: whole, to: shown };
  const block = /^\{\{([#/])(\w+)\}\}$/.exec(right);
  if (block !== null) {
    const [, sign, name = ''] = block;
    const [, opened = '', closed = ''] = /^\{\{#(\w+)\}\} is closed by \{\{\/(\w+)\}\}/.exec(wrong) ?? [];
    // The place is that of the name that was opened.
    return sign === '#' ? { from: opened, to: name } : { from: `{{/${closed}`, to: `{{/${name}` };
  }
  const quoted = [...wrong.matchAll(/"([^"]+)"/g)].map(([, word = '']) => word).find((word) => rest.startsWith(word));
  const model = /^(\w+)#/.exec(shown)?.[1];
  // `posts#` stands there already, before the type that is wrong.
  const to = model !== undefined && before.endsWith('#') ? shown.slice(model.length + 1) : shown;
  const inList = model !== undefined && /#[\w,]*,$/.test(before) ? shown.slice(model.length + 1) : to;
  return { from: quoted ?? whole, to: inList };
}

/** The texts of advice that can be written as they are, each with the first of several. */
const forms: readonly RegExp[] = [
  /did you mean "?([^"?]+?)"?(?: or [^?]+)?\?/,
  /(?:^|, or )(?:one of|templates are|rooms are|functions are|methods are) ([^\s,]+)/,
  // Any length of time in the range will do; a key may have to be longer than another one.
  /, from \S+ to (\S+)$/,
  /^(?:write|use|for example) ([^\s,]+)(?:,? or \S+)*$/,
  /^\{\{[#/](\w+)\}\}$/,
  // A template's advice is the name itself, behind the other possibility.
  /^(?:object\.\w+ for a column, or )?(@?[\w.]+)$/,
];

/** Returns the first text that advice offers to be written. */
function shownIn(right: string): string | null {
  for (const form of forms) {
    const shown = form.exec(right)?.[1];
    if (shown !== undefined) return shown;
  }
  return null;
}
