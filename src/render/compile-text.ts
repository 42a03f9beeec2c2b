import { type CheckedNames, checkNames } from './check-names.ts';
import { compileProgram, type Fill, parseText } from './engine.ts';
import { reserved } from './escape.ts';
import { explainFault, type TextFault } from './explain-fault.ts';
import { routeInterpolations } from './interpolation.ts';

/** A compiled text. Offsets are in UTF-16 units. */
export interface CompiledText extends Pick<CheckedNames, 'fields' | 'ofCards' | 'names'> {
  readonly fill: Fill;
  /** True if the text does not depend on the event. */
  readonly isConstant: boolean;
}

/** Compiles one text of a template (the body, a title) to a function. Returns all faults of its names together. */
export function compileText(
  text: string,
):
  | { readonly outcome: 'ok'; readonly compiled: CompiledText }
  | { readonly outcome: 'faults'; readonly faults: readonly TextFault[] } {
  const bad = reserved.exec(text);
  if (bad !== null) {
    const char = text.codePointAt(bad.index)!.toString(16).toUpperCase();
    const wrong = `the private character U+${char}, which Lookout reserves for itself`;
    return { outcome: 'faults', faults: [{ offset: bad.index, wrong, right: 'another character' }] };
  }
  const parsed = parseText(text);
  if ('fault' in parsed) return { outcome: 'faults', faults: [explainFault(text, parsed.fault)] };

  const { program } = parsed;
  const { faults, fields, ofCards, names } = checkNames(text, program);
  if (faults.length > 0) return { outcome: 'faults', faults };
  const isConstant = program.body.every(({ type }) => type === 'ContentStatement' || type === 'CommentStatement');
  routeInterpolations(program);
  try {
    return { outcome: 'ok', compiled: { fill: compileProgram(program), fields, ofCards, names, isConstant } };
  } catch (error) {
    const wrong = error instanceof Error ? error.message : String(error);
    return { outcome: 'faults', faults: [{ offset: 0, wrong, right: 'see https://handlebarsjs.com/guide' }] };
  }
}
