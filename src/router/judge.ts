import type { Event } from '../words.ts';
import type { Condition, ConditionResult } from './condition.ts';
import { limits } from './condition-language.ts';

/** Evaluates a condition on one event. */
export type Judge = (condition: Condition) => ConditionResult;

/**
 * Creates a judge for one event. Equal conditions are evaluated once, and all together take at most `limits.eventMs`;
 * after that, slow ones fail. Conditions without patterns are always evaluated.
 */
export function createJudge(event: Event): Judge {
  const verdicts = new Map<string, ConditionResult>();
  let leftMs: number = limits.eventMs;
  return (condition) => {
    const known = verdicts.get(condition.source);
    if (known !== undefined) return known;
    const began = performance.now();
    const verdict = condition.evaluate(event, leftMs);
    leftMs -= performance.now() - began;
    verdicts.set(condition.source, verdict);
    return verdict;
  };
}
