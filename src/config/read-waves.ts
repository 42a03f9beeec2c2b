import type { Catalogue } from '../metasmoke/catalogue.ts';
import { parseEventSpec } from '../router/event-spec.ts';
import { nearest } from '../router/nearest.ts';
import { type PriorityKind, specialKinds } from '../router/priority.ts';
import type { Waves } from './config.ts';
import { type Context, textError } from './context.ts';
import { readNumber } from './read-number.ts';
import { getTexts, type Mapping } from './tree.ts';

const defaultDigestAbove = 60;

/** `rooms.*.waves`, with its default; null: `off`. What is wrong in it is reported. */
export function readWaves(context: Context, room: Mapping | null): Waves | null {
  const value = room?.entries.get('waves')?.value;
  if (value?.kind === 'text') {
    if (value.value.trim() === 'off') return null;
    const example = `"off", or keys below it: { digest_above: ${defaultDigestAbove} }`;
    textError(context, value, 0, `"${value.value.slice(0, 40)}" is no way to treat waves`, `write ${example}`);
    return null;
  }
  const map = value?.kind === 'map' ? value : null;
  return { digestAbove: readNumber(context, map, 'digest_above', 1, 1_000_000) ?? defaultDigestAbove };
}

/** The default of `priority:`. */
const defaultOrder = [...specialKinds, 'posts#create', 'feedbacks'];

/** `priority:`, what goes first to a room that is behind. What is wrong in it is reported. */
export function readPriority(context: Context, top: Mapping | null, catalogue: Catalogue): readonly PriorityKind[] {
  const isSet = top?.entries.has('priority') === true;
  const special = (text: string) => specialKinds.find((kind) => kind === text);
  const known = (text: string): PriorityKind | null => {
    const parsed = parseEventSpec(text, catalogue);
    return parsed.outcome === 'ok' ? parsed.spec : null;
  };
  if (!isSet) return defaultOrder.flatMap((text) => special(text) ?? known(text) ?? []);
  return getTexts(top, 'priority').flatMap((text): readonly PriorityKind[] => {
    const written = text.value.trim();
    const named = special(written);
    if (named !== undefined) return [named];
    const parsed = parseEventSpec(text.value, catalogue);
    if (parsed.outcome === 'ok') return [parsed.spec];
    const meant = nearest(written, specialKinds);
    const problem = parsed.problems[0]!;
    textError(context, text, problem.offset, problem.wrong, meant === null ? problem.right : `did you mean ${meant}?`);
    return [];
  });
}
