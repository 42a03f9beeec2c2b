import { Environment } from '@marcbachmann/cel-js';
import type { FieldType } from '../catalogue/catalogue.ts';
import { type About, eventFields, limits } from './condition-language.ts';
import type { ConditionModel } from './condition-row.ts';
import { Pattern } from './pattern.ts';
import { subjectModel } from './subject-model.ts';

const celTypes: Readonly<Record<FieldType, string>> = {
  integer: 'int',
  number: 'double',
  string: 'string',
  text: 'string',
  list: 'list',
  boolean: 'bool',
  datetime: 'google.protobuf.Timestamp',
};

const celLimits = { maxDepth: limits.depth, maxListElements: limits.listElements, maxAstNodes: limits.length };

/**
 * Types that may be compared with null by `==`. Not `bool`: a null boolean is false, and comparing it with null is a
 * mistake.
 */
const nullable = ['int', 'double', 'string', 'google.protobuf.Timestamp', 'list'];

/** Types that have an order. */
const ordered = ['int', 'double', 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration', 'null'];

/**
 * Returns the columns of several models with CEL's types; a column with different types is `dyn`. Null if the columns
 * of one of them are unknown.
 */
export function fieldsOf(models: readonly ConditionModel[]): Readonly<Record<string, string>> | null {
  const fields: Record<string, string> = Object.create(null);
  for (const model of models) {
    const entries = Object.entries(model.fields);
    if (entries.length === 0) return null;
    for (const [name, type] of entries) {
      const celType = celTypes[type];
      fields[name] = fields[name] === undefined || fields[name] === celType ? celType : 'dyn';
    }
  }
  return fields;
}

/** Returns the environment in which conditions are type-checked: with the given columns, or with any columns for null. */
export function checkingEnvironment(fields: Readonly<Record<string, string>> | null, about: About): Environment {
  const environment = new Environment({ limits: celLimits }).registerVariable('event', { schema: { ...eventFields } });
  if (fields === null) environment.registerVariable(about, 'dyn');
  else environment.registerVariable(about, { schema: { ...fields } });
  if (about === 'object') environment.registerVariable('subject', { schema: { ...fieldsOf([subjectModel]) } });
  for (const type of nullable) environment.registerOperator(`${type} == null`, () => false);
  // Allows to compare a rate with a whole number: `object.post_scan_rate == 5`.
  environment.registerOperator('int == double', () => false);
  return environment;
}

/** Type of a compiled pattern, the argument of `matches` at run time. */
const patternType = 'Pattern';

/**
 * Creates the environment in which conditions run: on rows of any shape, with Lookout's meaning of null. `<`, `>` and
 * every other test are false for null; a text function of null is null, its size 0. `matches` takes a compiled RE2
 * pattern, so that cel-js' own `matches`, which uses a JavaScript RegExp, is never called.
 */
export function runningEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits: celLimits })
    .registerVariable('event', 'dyn')
    .registerVariable('object', 'dyn')
    .registerVariable('subject', 'dyn')
    .registerType(patternType, Pattern);
  const no = () => false;
  for (const operator of ['<', '<=', '>', '>=']) {
    for (const type of ordered) {
      environment.registerOperator(`null ${operator} ${type}`, no);
      if (type !== 'null') environment.registerOperator(`${type} ${operator} null`, no);
    }
  }
  environment.registerOperator('!null: bool', () => true);
  environment.registerOperator('dyn in null', no);
  const define = (signature: string, handler: (...values: never[]) => unknown) =>
    environment.registerFunction(signature, handler, { async: false });
  for (const test of ['contains', 'startsWith', 'endsWith']) {
    define(`null.${test}(string): bool`, no);
    define(`null.${test}(null): bool`, no);
    define(`string.${test}(null): bool`, no);
  }
  for (const change of ['lowerAscii', 'upperAscii', 'trim']) define(`null.${change}(): dyn`, () => null);
  define('null.size(): int', () => 0n);
  define('size(null): int', () => 0n);
  define(`null.matches(${patternType}): bool`, no);
  define(`string.matches(${patternType}): bool`, (text: string, pattern: Pattern) => pattern.test(text));
  return environment;
}
