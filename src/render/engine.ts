import Handlebars from 'handlebars';
import { encode } from './escape.ts';
import { helpers } from './helpers/all.ts';
import type { Helper, Scope } from './helpers/helper.ts';
import { interpolate } from './interpolation.ts';

/** The context of a template. It holds only plain values, so that templates cannot reach a prototype. */
export type Context = Readonly<Record<string, unknown>>;

/** The syntax tree of a template's text. */
type Program = ReturnType<typeof Handlebars.parse>;

/** Fills one compiled text of a template; throws the errors of the template. */
export type Fill = (context: Context, scope: Scope) => string;

/**
 * The private part of the parser behind `Handlebars.parse` that is read: after an error its lexer is at the wrong token. The
 * error itself does not have the place (docs/decisions.md, "Libraries").
 */
interface Parser {
  readonly lexer: { readonly _input: string; readonly match: string };
}

interface Engine {
  readonly handlebars: typeof Handlebars;
  readonly parser: Parser;
}

let shared: Engine | null = null;

/** Returns an instance of Handlebars with our helpers, created at the first use. */
function engine(): Engine {
  if (shared !== null) return shared;
  const handlebars = Handlebars.create();
  handlebars.unregisterHelper('log');
  for (const [name, helper] of Object.entries(helpers)) handlebars.registerHelper(name, adapt(helper));
  handlebars.registerHelper(interpolate, (value: unknown) => encode(value));
  handlebars.registerHelper('each', boundedEach(handlebars.helpers.each as Handlebars.HelperDelegate));
  handlebars.registerHelper('lookup', plainLookup(handlebars.helpers.lookup as Handlebars.HelperDelegate));
  shared = { handlebars, parser: (handlebars as unknown as { Parser: Parser }).Parser };
  return shared;
}

function adapt(helper: Helper): (...args: unknown[]) => unknown {
  return (...args) => {
    const options = args.pop() as Handlebars.HelperOptions;
    return helper.run(args, (options.data as { scope: Scope }).scope);
  };
}

/**
 * Limits of the loops in one text: number of turns, and length of their results in UTF-16 units. Lists come from
 * outside, and loops may be nested.
 */
const MOST_TURNS = 10_000;
const MOST_UNITS = 16 * 1024 * 1024;

/** The turns and units left while a text is filled. */
interface Loops {
  turns: number;
  units: number;
}

/** Wraps Handlebars' `each` with these limits. */
function boundedEach(each: Handlebars.HelperDelegate): Handlebars.HelperDelegate {
  return function (this: unknown, ...args: unknown[]) {
    const options = args.pop() as Handlebars.HelperOptions;
    const { loops } = options.data as { readonly loops: Loops };
    const fn: Handlebars.TemplateDelegate = (context, more) => {
      if (--loops.turns < 0) throw new Error(`its loops repeat more than ${MOST_TURNS} times`);
      const given = options.fn(context, more);
      loops.units -= given.length;
      if (loops.units < 0) throw new Error(`its loops produce more than ${MOST_UNITS} characters`);
      return given;
    };
    return each.call(this, ...args, { ...options, fn });
  };
}

/** Wraps Handlebars' `lookup`: nothing has a field whose name is an object or a list, which may not even become text. */
function plainLookup(lookup: Handlebars.HelperDelegate): Handlebars.HelperDelegate {
  return function (this: unknown, ...args: unknown[]) {
    const [, field] = args;
    return typeof field === 'object' ? null : lookup.apply(this, args as Parameters<Handlebars.HelperDelegate>);
  };
}

/** The reason why a text is not a valid template, and its place in UTF-16 units. */
export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** Parses a template's text to a syntax tree. */
export function parseText(text: string): { readonly program: Program } | { readonly fault: SyntaxFault } {
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

/** Returns the offset of a place in the syntax tree: `line` from 1, `column` from 0, with the line ends of the lexer. */
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
 * Compiles a tree whose interpolations are routed (`interpolation.ts`). Throws if Handlebars cannot compile it:
 * precompiling makes the error appear now and not at run time.
 */
export function compileProgram(program: Program): Fill {
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
