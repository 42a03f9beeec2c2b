import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import { type Context, textError } from './context.ts';
import { priorityKey } from './keys.ts';
import type { Mapping } from './tree.ts';

/** `priority:`, what goes first to a room that is behind. What is wrong in it is reported. */
export function readPriority(context: Context, top: Mapping | null, catalogue: Catalogue): readonly EventSpec[] {
  if (top?.entries.has('priority') !== true)
    return priorityKey.byDefault.flatMap((text) => {
      const parsed = parseEventSpec(text, catalogue);
      return parsed.outcome === 'ok' ? [parsed.spec] : [];
    });
  return priorityKey.read(context, top, 'priority').flatMap((text) => {
    const parsed = parseEventSpec(text.value, catalogue);
    if (parsed.outcome === 'ok') return [parsed.spec];
    const { offset, wrong, right } = parsed.problems[0]!;
    textError(context, text, offset, wrong, right);
    return [];
  });
}
