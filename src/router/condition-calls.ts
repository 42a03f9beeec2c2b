import { quoted, type TextProblem } from '../catalogue/event-spec.ts';
import { counted } from '../text/counted.ts';
import { nearest } from '../text/nearest.ts';
import { functions, loops, methods } from './condition-language.ts';
import type { Part } from './condition-parts.ts';
import { problemAt } from './condition-problem.ts';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const duration = /^[-+]?(\d+(\.\d+)?(h|m|s|ms|us|µs|ns))+$/;

/** Returns the problems of a call of a function: an unknown name, a literal that is not a time or a duration. */
export function callProblems(call: Part<'call'>): readonly TextProblem[] {
  const [name, [first]] = call.args;
  const problems: TextProblem[] = [];
  if (!functions.has(name)) {
    const at = { start: call.range.start, end: call.range.start + name.length };
    const known = [...functions];
    const meant = methods.has(name) ? `object.x.${name}(…)` : nearest(name, known);
    const right = meant === null ? `functions are ${known.join(', ')}` : `did you mean ${meant}?`;
    problems.push(problemAt(at, `unknown function ${quoted(name)}`, right));
  }
  if (first?.op !== 'value' || typeof first.args !== 'string') return problems;
  if (name === 'timestamp' && !isTime(first.args)) {
    const right = 'for example timestamp("2025-07-06T15:09:00Z")';
    problems.push(problemAt(first.range, `${quoted(first.args)} is not a time`, right));
  }
  if (name === 'duration' && !duration.test(first.args)) {
    problems.push(problemAt(first.range, `${quoted(first.args)} is not a duration`, 'for example duration("1h30m")'));
  }
  return problems;
}

function isTime(text: string): boolean {
  return time.test(text) && Number.isFinite(Date.parse(text));
}

/** Returns the problem of a call of a method; null if it is allowed and has the right number of arguments. */
export function methodProblem(call: Part<'rcall'>): TextProblem | null {
  const [name, receiver, args] = call.args;
  // In `object.title . contains(…)` the name is the first word after the receiver and its dot.
  const found = call.input.indexOf(name, receiver.range.end);
  const start = found < 0 ? call.range.start : found;
  const at = { start, end: start + name.length };
  if (loops.has(name)) {
    const right = 'use "x" in object.tags to look for one element';
    return problemAt(at, `${name} is not allowed: conditions have no loops`, right);
  }
  const counts = methods.get(name);
  if (counts === undefined) {
    const known = [...methods.keys()];
    const meant = functions.has(name) ? `${name}(…)` : nearest(name, known);
    const right = meant === null ? `methods are ${known.join(', ')}` : `did you mean ${meant}?`;
    return problemAt(at, `unknown method ${quoted(name)}`, right);
  }
  if (counts.includes(args.length)) return null;
  const right = counts.map((count) => (count === 0 ? 'none' : count)).join(' or ');
  return problemAt(at, `${name} does not take ${counted(args.length, 'argument')}`, `it takes ${right}`);
}
