import Handlebars from 'handlebars';
import { encode } from './escape.ts';
import { helpers } from './helpers/all.ts';
import type { Helper, Scope } from './helpers/helper.ts';
import { interpolate } from './interpolation.ts';

/** What a compiled text is filled with. Plain values only: templates reach no prototype. */
export type Context = Readonly<Record<string, unknown>>;

/** One compiled text of a template; throws what a template throws while running. */
export type Fill = (context: Context, scope: Scope) => string;

/** What is needed of the parser behind `Handlebars.parse`: after an error its lexer stands at the token that was wrong. */
interface Parser {
  readonly lexer: { readonly _input: string; readonly match: string };
}

interface Engine {
  readonly handlebars: typeof Handlebars;
  readonly parser: Parser;
}

let shared: Engine | null = null;

/** An instance of Handlebars with our helpers, made at its first use. */
function engine(): Engine {
  if (shared !== null) return shared;
  const handlebars = Handlebars.create();
  handlebars.unregisterHelper('log');
  for (const [name, helper] of Object.entries(helpers)) handlebars.registerHelper(name, adapt(helper));
  handlebars.registerHelper(interpolate, (value: unknown) => encode(value));
  handlebars.registerHelper('each', boundedEach(handlebars.helpers.each as Handlebars.HelperDelegate));
  shared = { handlebars, parser: (handlebars as unknown as { Parser: Parser }).Parser };
  return shared;
}

function adapt(helper: Helper): (...args: unknown[]) => unknown {
  return (...args) => {
    const options = args.pop() as Handlebars.HelperOptions;
    return helper.run(args, (options.data as { scope: Scope }).scope);
  };
}

/** How often the loops of one text may turn, and how much they may give (UTF-16 units): lists come from outside, and loops may stand in loops. */
const MOST_TURNS = 10_000;
const MOST_UNITS = 16 * 1024 * 1024;

/** The turns and units that are left while a text is filled. */
interface Loops {
  turns: number;
  units: number;
}

/** `each` as Handlebars has it, within bounds. */
function boundedEach(each: Handlebars.HelperDelegate): Handlebars.HelperDelegate {
  return function (this: unknown, ...args: unknown[]) {
    const options = args.pop() as Handlebars.HelperOptions;
    const { loops } = options.data as { readonly loops: Loops };
    const fn: Handlebars.TemplateDelegate = (context, more) => {
      if (--loops.turns < 0) throw new Error(`its loops turn more than ${MOST_TURNS} times`);
      const given = options.fn(context, more);
      loops.units -= given.length;
      if (loops.units < 0) throw new Error(`its loops give more than ${MOST_UNITS} characters`);
      return given;
    };
    return each.call(this, ...args, { ...options, fn });
  };
}

/** Why a text is no template, and where: UTF-16 units from its beginning. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** The syntax tree of a template's text. */
export function parseText(text: string): { readonly program: hbs.AST.Program } | { readonly fault: SyntaxFault } {
  const { handlebars, parser } = engine();
  try {
    return { program: handlebars.parse(text) };
  } catch (error) {
    const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number };
    if (lineNumber !== undefined && column !== undefined) {
      return { fault: { offset: offsetOf(text, lineNumber, column), message } };
    }
    const { _input: notRead, match } = parser.lexer;
    return { fault: { offset: Math.max(0, text.length - notRead.length - match.length), message } };
  }
}

/** `line` from 1, `column` from 0, as the syntax tree counts them; it ends lines where the lexer does. */
export function offsetOf(text: string, line: number, column: number): number {
  const ends = /\r\n?|\n/g;
  let start = 0;
  for (let at = 1; at < line && ends.exec(text) !== null; at++) start = ends.lastIndex;
  return Math.min(text.length, start + column);
}

const known = Object.fromEntries(
  [...Object.keys(helpers), interpolate, 'if', 'unless', 'each', 'with', 'lookup'].map((n) => [n, true]),
);

/**
 * Compiles a tree whose interpolations are routed (`interpolation.ts`). Throws if Handlebars cannot compile it: precompiling
 * shows that now and not while it runs.
 */
export function compileProgram(program: hbs.AST.Program): Fill {
  const { handlebars } = engine();
  const options = { knownHelpers: known as KnownHelpers, knownHelpersOnly: true, noEscape: true };
  handlebars.precompile(program, options);
  const run = handlebars.compile<Context>(program, options);
  return (context, scope) =>
    run(context, {
      data: { scope, loops: { turns: MOST_TURNS, units: MOST_UNITS } satisfies Loops },
      allowProtoPropertiesByDefault: false,
      allowProtoMethodsByDefault: false,
    });
}
