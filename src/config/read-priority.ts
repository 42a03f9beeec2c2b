import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import { type Context, textError } from './context.ts';
import { priorityKey } from './keys.ts';
import type { Mapping } from './tree.ts';

/** `priority:`, what goes first to a room that is behind. What is wrong in it is reported. */
export function readPriority(
  context: Context,
  top: Mapping | null,
  { kind, catalogue }: { readonly kind: SourceKind; readonly catalogue: Catalogue },
): readonly EventSpec[] {
  if (top?.entries.has('priority') !== true)
    return kind.priority.flatMap((text) => {
      const parsed = parseEventSpec(text, catalogue);
      return parsed.outcome === 'ok' ? [parsed.spec] : [];
    });
  return priorityKey(kind)
    .read(context, top, 'priority')
    .flatMap((text) => {
      const parsed = parseEventSpec(text.value, catalogue);
      if (parsed.outcome === 'ok') return [parsed.spec];
      const { offset, wrong, right } = parsed.problems[0]!;
      textError(context, text, offset, wrong, right);
      return [];
    });
}
