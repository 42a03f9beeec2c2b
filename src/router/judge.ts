import type { Event } from '../words.ts';
import type { Condition, Verdict } from './condition.ts';
import { limits } from './condition-language.ts';

/** Says what conditions say of one event. */
export type Judge = (condition: Condition) => Verdict;

/**
 * Evaluates conditions on one event, equal ones once, all together in at most `limits.eventMs`: what comes after that and may take
 * long fails. Conditions without patterns are always evaluated.
 */
export function createJudge(event: Event): Judge {
  const verdicts = new Map<string, Verdict>();
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
