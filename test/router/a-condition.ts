import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import type { Condition } from '../../src/router/condition.ts';
import { compileCondition } from '../../src/router/condition.ts';

const catalogue = createCatalogue(['odd_things']);

export const modelsOf = (...names: string[]) => names.map((name) => catalogue.model(name)!);

/** Compiles a condition over these models, posts by default, and fails if it does not compile. */
export function aCondition(source: string, ...models: string[]): Condition {
  const compiled = compileCondition(source, modelsOf(...(models.length > 0 ? models : ['posts'])));
  if (compiled.outcome !== 'ok') throw new Error(`${source}: ${JSON.stringify(compiled.problems)}`);
  return compiled.condition;
}

/** Returns each problem of a condition as `«quoted text» wrong: right`; empty if it compiles. */
export function problemsOf(source: string, ...models: string[]): string[] {
  const compiled = compileCondition(source, modelsOf(...(models.length > 0 ? models : ['posts'])));
  if (compiled.outcome === 'ok') return [];
  return compiled.problems.map((p) => `«${source.slice(p.offset, p.offset + p.length)}» ${p.wrong}: ${p.right}`);
}
