import type { Catalogue } from '../metasmoke/catalogue.ts';
import { parseEventSpec, type TextProblem } from '../router/event-spec.ts';
import { nearest } from '../router/nearest.ts';
import { type PriorityKind, specialKinds } from '../router/priority.ts';
import { type Context, textError } from './context.ts';
import { getTexts, type Mapping } from './tree.ts';

const defaultOrder = [...specialKinds, 'posts#create', 'feedbacks'];

type Parsed = { readonly kind: PriorityKind } | { readonly problem: TextProblem };

/** `priority:`, what goes first to a room that is behind. What is wrong in it is reported. */
export function readPriority(context: Context, top: Mapping | null, catalogue: Catalogue): readonly PriorityKind[] {
  if (top?.entries.has('priority') !== true)
    return defaultOrder.flatMap((text) => {
      const parsed = parse(text, catalogue);
      return 'kind' in parsed ? [parsed.kind] : [];
    });
  return getTexts(top, 'priority').flatMap((text) => {
    const parsed = parse(text.value, catalogue);
    if ('kind' in parsed) return [parsed.kind];
    const meant = nearest(text.value.trim(), specialKinds);
    const { offset, wrong, right } = parsed.problem;
    textError(context, text, offset, wrong, meant === null ? right : `did you mean ${meant}?`);
    return [];
  });
}

function parse(text: string, catalogue: Catalogue): Parsed {
  const special = specialKinds.find((kind) => kind === text.trim());
  if (special !== undefined) return { kind: special };
  const parsed = parseEventSpec(text, catalogue);
  return parsed.outcome === 'ok' ? { kind: parsed.spec } : { problem: parsed.problems[0]! };
}
