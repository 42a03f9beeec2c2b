import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JSException } from 're2js';
import { quoted, type TextProblem } from '../catalogue/event-spec.ts';
import { leadsToPost } from '../catalogue/subject.ts';
import { nearest } from '../text/nearest.ts';
import { callProblems, methodProblem } from './condition-calls.ts';
import { type About, eventFields, limits, namesOf } from './condition-language.ts';
import { fieldMeant, type Scope } from './condition-meant.ts';
import { type Part, partsOf } from './condition-parts.ts';
import { problemAt, type Range } from './condition-problem.ts';
import type { ConditionModel } from './condition-row.ts';
import { Pattern } from './pattern.ts';
import { subjectModel } from './subject-model.ts';

/** The result of inspecting a parsed condition. */
export interface Inspection {
  readonly problems: readonly TextProblem[];
  /**
   * Doubtful parts: for example a column that only some of the models have, in a condition that does not test the
   * model.
   */
  readonly doubts: readonly TextProblem[];
  /** The compiled form of each literal pattern, by its offset. */
  readonly patterns: ReadonlyMap<number, Pattern>;
  /** Total size of all patterns. */
  readonly patternSize: number;
  /** Number of parts that join texts, and of parts that read a text from end to end. */
  readonly joins: number;
  readonly reads: number;
  /** The fields of the subject that a condition over an event asks about; null: it does not name the subject. */
  readonly ofSubject: ReadonlySet<string> | null;
}

const maxInt = 2n ** 63n;

/**
 * Inspects a condition for problems that the type check does not find or does not explain well: unknown columns,
 * functions that are not allowed, patterns, literals out of range. It finds all problems, while the type check stops at
 * the first.
 */
export function inspectCondition(
  root: ASTNode,
  models: readonly ConditionModel[],
  fields: Readonly<Record<string, string>> | null,
  about: About,
): Inspection {
  const found = new Inspector(models, fields, about);
  const { parts, tooDeep } = partsOf(root);
  for (const part of parts) found.check(part);
  if (tooDeep) {
    const wrong = `the condition is more than ${limits.depth} levels deep`;
    found.problem(root.range, wrong, 'use "in" for a list of values');
  }
  const { problems, doubts, patterns, programSize: patternSize, joins, reads, ofSubject } = found;
  problems.sort((a, b) => a.offset - b.offset);
  return { problems, doubts: found.asksForModel ? [] : doubts, patterns, patternSize, joins, reads, ofSubject };
}

/** Collects what is found while the parts of a condition are looked at one by one. */
class Inspector {
  readonly problems: TextProblem[] = [];
  readonly doubts: TextProblem[] = [];
  readonly patterns = new Map<number, Pattern>();
  asksForModel = false;
  ofSubject: Set<string> | null = null;
  joins = 0;
  reads = 0;
  programSize = 0;
  readonly #models: readonly ConditionModel[];
  readonly #fields: Readonly<Record<string, string>> | null;
  readonly #about: About;
  #isSubjectChecked = false;

  constructor(models: readonly ConditionModel[], fields: Readonly<Record<string, string>> | null, about: About) {
    this.#models = models;
    this.#fields = fields;
    this.#about = about;
  }

  problem(at: Range, wrong: string, right: string): void {
    this.problems.push(problemAt(at, wrong, right));
  }

  #checkField(name: string, at: Range) {
    if (this.#fields === null) return;
    if (this.#fields[name] !== undefined) {
      const without = this.#models.filter((model) => model.fields[name] === undefined).map((model) => model.name);
      if (without.length === 0) return;
      const wrong = `${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no field ${quoted(name)}, so that all of them pass`;
      this.doubts.push(problemAt(at, wrong, 'give them a subscription of their own, or test event.model, too'));
      return;
    }
    const known = this.#models.map((model) => model.name).join(', ');
    if (this.#models.some((model) => model.isPrivate?.(name) === true)) {
      this.problem(at, `${name} is private and is dropped before conditions run`, 'leave it out');
      return;
    }
    this.problem(at, `unknown field ${quoted(name)} of ${known}`, this.#didYouMean(name, this.#about));
  }

  /** Returns the correction for an unknown field of one of the names. */
  #didYouMean(name: string, owner: string): string {
    const scopes = this.#scopes();
    const first = scopes.find((scope) => scope.name === owner);
    if (first === undefined) return '';
    if (owner !== 'subject' && /^(?:post|report)$/.test(name) && scopes.some((scope) => scope.name === 'subject'))
      return 'did you mean subject?';
    const others = scopes.filter((scope) => scope !== first);
    const meant = fieldMeant(name, first, others);
    if (meant === null) return `one of ${first.fields.toSorted().join(', ')}`;
    return `did you mean ${meant.startsWith(`${owner}.`) ? meant.slice(owner.length + 1) : meant}?`;
  }

  /** Returns the names of the condition with their fields, as far as they are known. */
  #scopes(): readonly Scope[] {
    const own = { name: this.#about, fields: Object.keys(this.#fields ?? {}) };
    if (this.#about === 'subject') return [own];
    const subject = { name: 'subject', fields: Object.keys(subjectModel.fields) };
    return [
      own,
      ...(this.#leadToPost().length > 0 ? [subject] : []),
      { name: 'event', fields: Object.keys(eventFields) },
    ];
  }

  #leadToPost(): readonly ConditionModel[] {
    return this.#models.filter(({ role = null, fields }) => leadsToPost({ role, fields }));
  }

  #checkAccess(owner: ASTNode, name: string, at: Range) {
    if (owner.op !== 'id') return;
    if (owner.args === this.#about) this.#checkField(name, at);
    else if (owner.args === 'subject') this.#checkSubjectField(name, at);
    if (owner.args === 'event' && (name === 'model' || name === 'class')) this.asksForModel = true;
    if (owner.args === 'event' && !Object.hasOwn(eventFields, name)) {
      this.problem(at, `unknown field ${quoted(name)} of event`, this.#didYouMean(name, 'event'));
    }
  }

  #checkSubjectField(name: string, at: Range) {
    this.ofSubject ??= new Set();
    this.ofSubject.add(name);
    if (Object.hasOwn(subjectModel.fields, name)) return;
    const fields = Object.keys(subjectModel.fields);
    const meant = fieldMeant(name, { name: 'subject', fields }, this.#scopes());
    const right =
      meant === null ? `one of ${fields.sort().join(', ')}` : `did you mean ${meant.replace(/^subject\./, '')}?`;
    this.problem(at, `unknown field ${quoted(name)} of subject`, right);
  }

  /** Notes that the subject is named, which has to be a post. One place that names it is enough. */
  #checkSubject(at: Range) {
    this.ofSubject ??= new Set();
    if (this.#isSubjectChecked) return;
    this.#isSubjectChecked = true;
    const leading = this.#leadToPost();
    const without = this.#models.filter((model) => !leading.includes(model));
    if (without.length === 0) return;
    const names = without.map((model) => model.name).join(' and ');
    const wrong = `no event of ${names} leads to a post, so that subject is unknown`;
    if (without.length === this.#models.length) this.problem(at, wrong, 'ask about object alone');
    else {
      const right = 'give them a subscription of their own, or test event.model, too';
      this.doubts.push(problemAt(at, `${wrong} and all of them pass`, right));
    }
  }

  #checkName(node: Part<'id'>) {
    const name = node.args;
    const known = namesOf[this.#about];
    if (name === 'subject' && this.#about === 'object') this.#checkSubject(node.range);
    if (known.includes(name)) return;
    const meant = this.#nameMeant(name);
    this.problem(
      node.range,
      `unknown name ${quoted(name)}`,
      meant
        ? `did you mean ${meant}?`
        : `${known.length === 1 ? 'the name is' : 'names are'} ${known.join(', ').replace(/, (?=\w+$)/, ' and ')}`,
    );
  }

  /** Returns what may be meant by an unknown name: a model stands for its row, a post for the subject, else it may be a field. */
  #nameMeant(name: string): string | null {
    const scopes = this.#scopes();
    const [own, ...others] = scopes;
    if (this.#models.some((model) => [model.name, model.singular, model.class].includes(name))) return this.#about;
    if (/^(?:posts?|reports?)$/i.test(name) && scopes.some((scope) => scope.name === 'subject')) return 'subject';
    const near = nearest(name, namesOf[this.#about]);
    const isField = scopes.some(({ fields }) => fields.includes(name));
    return (isField ? null : near) ?? (own === undefined ? null : fieldMeant(name, own, others));
  }

  #checkPattern(node: ASTNode) {
    if (node.op !== 'value' || typeof node.args !== 'string') {
      this.problem(
        node.range,
        'a pattern must be a text in quotes',
        'for example object.title.matches("(?i)\\\\bketo\\\\b")',
      );
      return;
    }
    // Each may take some milliseconds, and a condition that is already too large is rejected anyway.
    if (this.programSize > limits.programSize) return;
    try {
      const pattern = new Pattern(node.args);
      this.programSize += pattern.size;
      this.patterns.set(node.range.start, pattern);
      if (this.programSize > limits.programSize) {
        const wrong = `the patterns are too large (${this.programSize}, at most ${limits.programSize} together)`;
        this.problem(node.range, wrong, 'use fewer alternatives and smaller repetitions');
      }
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      const why = error.message.replace(/^error parsing regexp: /, '');
      this.problem(node.range, `the pattern cannot be read: ${why}`, 'RE2 syntax: no look-around, no back-references');
    }
  }

  #checkMethod(node: Part<'rcall'>) {
    const problem = methodProblem(node);
    if (problem !== null) this.problems.push(problem);
    else if (node.args[0] === 'matches') this.#checkPattern(node.args[2][0]!);
  }

  check(node: ASTNode) {
    switch (node.op) {
      case 'id':
        return this.#checkName(node);
      case 'value':
        if (typeof node.args === 'bigint' && node.args > maxInt) {
          this.problem(node.range, 'the number is too large', 'at most 9223372036854775807');
        }
        return;
      case '.':
        return this.#checkAccess(node.args[0], node.args[1], {
          start: node.range.end - node.args[1].length,
          end: node.range.end,
        });
      case '[]': {
        const [owner, key] = node.args;
        if (key.op === 'value' && typeof key.args === 'string') this.#checkAccess(owner, key.args, key.range);
        return;
      }
      case 'call':
        this.reads++;
        this.problems.push(...callProblems(node));
        return;
      case 'rcall':
        this.reads++;
        return this.#checkMethod(node);
      case '+':
        this.joins++;
        return;
      case '==':
      case '!=':
      case 'in':
        this.reads++;
        return;
      default:
        return;
    }
  }
}
