import type { Event, EventObject } from '../words.ts';
import type { Condition, ConditionResult } from './condition.ts';
import { limits } from './condition-language.ts';
import { aboutSubject } from './subject-model.ts';

/** Evaluates a condition on one event. */
export type Judge = (condition: Condition) => ConditionResult;

/**
 * Creates a judge for one event. `subject`: the values of its subject, which some conditions ask about; null: it has
 * none. Equal conditions are evaluated once, and all together take at most `limits.eventMs`;
 * after that, slow ones fail. Conditions without patterns are always evaluated.
 */
export function createJudge(event: Event, subject: EventObject | null): Judge {
  const about = subject === null ? null : aboutSubject(event, subject);
  const verdicts = new Map<string, ConditionResult>();
  let leftMs: number = limits.eventMs;
  return (condition) => {
    const known = verdicts.get(condition.source);
    if (known !== undefined) return known;
    const began = performance.now();
    const verdict = condition.evaluate(event, leftMs, about);
    leftMs -= performance.now() - began;
    verdicts.set(condition.source, verdict);
    return verdict;
  };
}
