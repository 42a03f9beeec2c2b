import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js';
import type { TextProblem } from '../catalogue/event-spec.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Event } from '../words.ts';
import { checkingEnvironment, fieldsOf, runningEnvironment } from './condition-environments.ts';
import { inspectCondition } from './condition-inspect.ts';
import { type About, limits } from './condition-language.ts';
import { celProblem, plainWords } from './condition-problem.ts';
import { type ConditionModel, conditionRow } from './condition-row.ts';
import { type NamedSite, placeSites } from './condition-sites.ts';
import { noteBuilding, type Pattern } from './pattern.ts';
import { subjectModel } from './subject-model.ts';
import { withinTime } from './time-limit.ts';

/** The result of a condition on an event. `failed`: it could not be evaluated, for example because a column is missing. */
export type ConditionResult =
  | { readonly outcome: 'value'; readonly value: boolean }
  | { readonly outcome: 'failed'; readonly reason: string };

/** A compiled `where`. */
export interface Condition {
  /** The text it was compiled from; conditions with the same text give the same results. */
  readonly source: string;
  /** Its possible cost: the size of its patterns (re2js' program size), plus an eighth of its other work on texts. */
  readonly size: number;
  /**
   * Evaluates the condition. Never throws, whatever the row is. Fails if it takes longer than `withinMs`, by default
   * and at most `limits.evaluationMs`, or if it asks about a subject and there is none. `about`: the event as
   * `aboutSubject` returns it.
   */
  evaluate(event: Event, withinMs?: number, about?: Event | null): ConditionResult;
  /** The fields of the subject that a condition over an event asks about; null: it does not name the subject. */
  readonly ofSubject: ReadonlySet<string> | null;
}

export type CompiledCondition =
  | {
      readonly outcome: 'ok';
      readonly condition: Condition;
      /** Parts that are valid but probably not meant. */
      readonly doubts: readonly TextProblem[];
      /** The sites that it compares with. */
      readonly sites: readonly NamedSite[];
    }
  | { readonly outcome: 'problems'; readonly problems: readonly TextProblem[] };

/** Created at the first use, because it has some hundred overloads. */
let running: Environment | undefined;

const checking = new Map<string, Environment>();

/** Most configurations use a few sets of models; the limit is for those that use more. */
function checkingFor(fields: Readonly<Record<string, string>> | null, about: About): Environment {
  const key = `${about} ${fields === null ? '' : JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  const known = checking.get(key);
  if (known) return known;
  if (checking.size >= 50) checking.clear();
  const environment = checkingEnvironment(fields, about);
  checking.set(key, environment);
  return environment;
}

/** Replaces the literal patterns by the compiled ones, which makes cel-js call `matches(Pattern)` instead of its own. */
function placePatterns(root: ASTNode, patterns: ReadonlyMap<number, Pattern>) {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const item = waiting.pop();
    if (Array.isArray(item)) waiting.push(...item);
    if (typeof item !== 'object' || item === null || !('op' in item && 'args' in item)) continue;
    const node = item as ASTNode;
    if (node.op === 'rcall' && node.args[0] === 'matches') {
      const literal = node.args[2][0] as { args: unknown; readonly start: number };
      literal.args = patterns.get(literal.start);
    }
    waiting.push(node.args);
  }
}

/** Returns the reason as one short line: a message of cel-js may contain values of the row, up to 16 MiB. */
function reasonOf(error: unknown): string {
  const { code, summary } = (error ?? {}) as { readonly code?: unknown; readonly summary?: unknown };
  const said = typeof summary === 'string' ? summary : error instanceof Error ? error.message : 'unknown error';
  const text = excerpt(said, 200);
  return code === 'no_such_key' ? text.replace(/^No such key: /, 'the row has no such field: ') : plainWords(text);
}

/**
 * Compiles a `where`: CEL over `object`, `event` and `subject`, type-checked against the known fields of all `models` together (a
 * field must belong to one of them; a model whose fields are unknown accepts any). Returns all problems that can be
 * found.
 *
 * Differences from CEL: `<`, `>` and other tests of null are false, a text function of null is null, `==` and `!=` are
 * exact, but for the spelling of a site (`condition-sites.ts`), a null boolean is false; `matches` is RE2 and searches the first 32 kB of a text; there are no loops.
 *
 * `about` `subject`: the same over `subject`, the state of a subject, whose values are passed as the object of an
 * event.
 */
export function compileCondition(
  source: string,
  models: readonly ConditionModel[],
  about: About = 'object',
): CompiledCondition {
  const refuse = (...problems: TextProblem[]): CompiledCondition => ({ outcome: 'problems', problems });
  const whole = { offset: 0, length: source.length };
  if (source.trim() === '') return refuse({ ...whole, wrong: 'the condition is empty', right: 'leave "where" out' });
  if (source.length > limits.length) {
    const wrong = `the condition is ${source.length} characters long`;
    return refuse({ ...whole, wrong, right: `at most ${limits.length}` });
  }

  const fields = fieldsOf(models);
  running ??= runningEnvironment();
  let parsed: ParseResult;
  try {
    parsed = running.parse(source);
  } catch (error) {
    return refuse(celProblem(error, source));
  }
  const inspection = inspectCondition(parsed.ast, models, fields, about);
  const { problems, doubts, patterns, patternSize, joins, reads, ofSubject } = inspection;
  if (problems.length > 0) return refuse(...problems);

  const checked = checkingFor(fields, about).check(source);
  if (!checked.valid) return refuse(celProblem(checked.error, source));
  if (checked.type !== 'bool' && !checked.type?.startsWith('dyn')) {
    return refuse({
      ...whole,
      wrong: `its result is ${checked.type}, not true or false`,
      right: 'compare it with something',
    });
  }
  placePatterns(parsed.ast, patterns);
  const sites = placeSites(parsed.ast, models);
  // Done once here, so that evaluation never type-checks.
  const runnable = parsed.check();
  if (!runnable.valid) return refuse(celProblem(runnable.error, source));

  const work = (1 + joins) * (1 + reads);
  const runs = { about, parsed, patternSize, work, ofSubject };
  const evaluate = evaluator(runs, new Map(models.map((model) => [model.name, model])));
  const size = patternSize + Math.floor(work / 8);
  return { outcome: 'ok', condition: Object.freeze({ source, size, evaluate, ofSubject }), doubts, sites };
}

/** A condition that can be evaluated. */
interface Runnable {
  readonly about: About;
  readonly parsed: ParseResult;
  readonly patternSize: number;
  /** The number of times that it may read a text from end to end. */
  readonly work: number;
  readonly ofSubject: ReadonlySet<string> | null;
}

/** Returns the function that evaluates a condition on an event of one of these models. */
function evaluator(runnable: Runnable, models: ReadonlyMap<string, ConditionModel>): Condition['evaluate'] {
  const { parsed, patternSize, work, ofSubject } = runnable;
  return (event, withinMs = limits.evaluationMs, about = null) => {
    if (ofSubject !== null && about === null) return failed('the event does not lead to a post');
    try {
      const { variables, longest } = valuesOf(runnable, event, models.get(event.model), about);
      if (longest * work > limits.work) return failed(`a text of ${longest} characters is too long for its size`);
      const steps = patternSize * Math.min(longest, limits.patternText);
      const isQuick = steps <= limits.quick.patternSteps && longest * work <= limits.quick.work;
      if (isQuick && (withinMs > 0 || patternSize === 0)) return verdictOf(parsed(variables));
      if (withinMs <= 0) return failed(`the earlier conditions on this event took more than ${limits.eventMs} ms`);
      return evaluateInTime(() => parsed(variables), Math.min(withinMs, limits.evaluationMs));
    } catch (error) {
      return failed(reasonOf(error));
    }
  };
}

/** Returns the variables of a condition, and the length of the longest text or list in them. */
function valuesOf(
  { about, ofSubject }: Runnable,
  event: Event,
  model: ConditionModel | undefined,
  ofEvent: Event | null,
): { readonly variables: Readonly<Record<string, unknown>>; readonly longest: number } {
  const { variables, longest } = conditionRow(event, model);
  if (about === 'subject') return { variables: { subject: variables.object }, longest };
  if (ofSubject === null || ofEvent === null) return { variables, longest };
  const subject = conditionRow(ofEvent, subjectModel);
  const both = { ...variables, subject: subject.variables.object };
  return { variables: both, longest: Math.max(longest, subject.longest) };
}

function evaluateInTime(evaluate: () => unknown, withinMs: number): ConditionResult {
  const limitMs = Math.max(1, Math.round(withinMs));
  const done = withinTime(limitMs, evaluate);
  if (done.outcome === 'done') return verdictOf(done.value);
  noteBuilding(limitMs);
  return failed(`it took more than ${limitMs} ms`);
}

function verdictOf(value: unknown): ConditionResult {
  if (typeof value === 'boolean') return { outcome: 'value', value };
  if (value === null) return { outcome: 'value', value: false };
  return failed(`its result was a ${typeof value}, not true or false`);
}

function failed(reason: string): ConditionResult {
  return { outcome: 'failed', reason };
}
