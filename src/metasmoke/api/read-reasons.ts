import { textOf } from '../../text/json.ts';
import { rowsIn } from './read-answer.ts';

/** Reads a list of reasons from the API; returns null if it is something else. */
export function readReasons(list: unknown): readonly { readonly name: string; readonly weight: number }[] | null {
  const reasons = rowsIn(list)?.flatMap(({ reason_name: given, weight }) => {
    const name = textOf(given);
    return name === null ? [] : [{ name, weight: typeof weight === 'number' ? weight : 0 }];
  });
  return reasons === undefined || reasons.length < (list as readonly unknown[]).length ? null : reasons;
}
