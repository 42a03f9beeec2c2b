import type { Catalogue } from '../catalogue/catalogue.ts';
import {
  type EventSpec,
  formatEventSpec,
  likelyModel,
  parseEventSpec,
  quoted,
  type TextProblem,
} from '../catalogue/event-spec.ts';
import type { Block } from '../render/message.ts';
import { code, lines, paragraph } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';
import { type Condition, compileCondition } from '../router/condition.ts';
import { modelsOf } from '../router/spec-models.ts';
import type { EventType, Role } from '../words.ts';
import { type Refused, refused } from './command.ts';
import { type KnownSite, siteDoubts } from './site-doubts.ts';

/** The events and the condition that a person wrote, read. */
export interface Filter {
  readonly outcome: 'ok';
  readonly events: EventSpec;
  readonly where: string | null;
  /** The same, compiled. */
  readonly condition: Condition | null;
  readonly doubts: readonly Block[];
}

/** The parts that a filter is read with. */
export interface FilterParts {
  readonly catalogue: Catalogue;
  /** The sites that are known. */
  readonly sites: () => readonly KnownSite[];
}

/** Reads `events` and `where` as the configuration does; each mistake is shown where it stands. */
export function readFilter(
  { catalogue, sites }: FilterParts,
  written: string,
  where: string | undefined,
): Filter | Refused {
  const events = withSemicolons(written, catalogue);
  const spec = parseEventSpec(events, catalogue);
  if (spec.outcome === 'problems')
    return refused(...spec.problems.flatMap((problem) => sayProblem(events, problem, catalogue)));
  if (where === undefined) return { outcome: 'ok', events: spec.spec, where: null, condition: null, doubts: [] };
  const models = modelsOf(spec.spec, catalogue);
  const compiled = compileCondition(where, models);
  if (compiled.outcome === 'problems')
    return refused(...compiled.problems.flatMap((problem) => pointAt(where, problem)));
  const doubts = [...compiled.doubts, ...siteDoubts(compiled.sites, sites())].flatMap((doubt) => pointAt(where, doubt));
  return { outcome: 'ok', events: spec.spec, where, condition: compiled.condition, doubts };
}

/**
 * `posts, feedbacks` → `posts; feedbacks`: people write commas between models, too. One in front of a type stays: `posts#create,update`.
 * No place in the text moves.
 */
export function withSemicolons(written: string, catalogue: Catalogue): string {
  return written.replaceAll(/,/g, (comma, at: number) => {
    const before = written.slice(0, at).split(/[;,]/).at(-1) ?? '';
    const next = /^\s*([^\s#,;]*)(#?)/.exec(written.slice(at + 1));
    const isModel = next?.[2] === '#' || catalogue.model(next?.[1] ?? '') !== undefined;
    const isInTypes = written.slice(written.slice(0, at).lastIndexOf(';') + 1, at).includes('#');
    return isModel || (!isInTypes && before.trim() !== '') ? ';' : comma;
  });
}

/** The events that a mute or quiet hours let through, read. */
export interface Exception {
  readonly outcome: 'ok';
  /** An event spec as it is stored; null: none. */
  readonly except: string | null;
  /** The same, read; without events if there is none. */
  readonly events: EventSpec;
  readonly doubts: readonly Block[];
}

/** Reads `except`. Says which of its events no subscription of the room names, since they do not come at all. */
export function readException(
  catalogue: Catalogue,
  written: string | undefined,
  subscriptions: readonly RoomSubscription[],
): Exception | Refused {
  if (written === undefined) return { outcome: 'ok', except: null, events: new Map(), doubts: [] };
  const text = withSemicolons(written, catalogue);
  const parsed = parseEventSpec(text, catalogue);
  if (parsed.outcome === 'problems')
    return refused(...parsed.problems.flatMap((problem) => sayProblem(text, problem, catalogue)));
  const isNamed = (model: string, type: EventType) =>
    subscriptions.some(({ events }) => events.get(model)?.has(type) === true);
  const missing = [...parsed.spec].flatMap(([model, types]) => {
    const unnamed = [...types].filter((type) => !isNamed(model, type));
    return unnamed.length === 0 ? [] : [[model, new Set(unnamed)] as const];
  });
  const events = formatEventSpec(new Map(missing));
  const doubts = [paragraph('No subscription of this room names ', code(events), ', so none of those come.')];
  return {
    outcome: 'ok',
    except: formatEventSpec(parsed.spec),
    events: parsed.spec,
    doubts: missing.length === 0 ? [] : doubts,
  };
}

/** Returns true if an exception lets all of these events through. */
export function exceptsAll(events: EventSpec, exception: Exception): boolean {
  return [...events].every(([model, types]) => {
    const excepted = exception.events.get(model);
    return excepted !== undefined && [...types].every((type) => excepted.has(type));
  });
}

/** Roles of the events that people ask for often. */
const oftenUsed: readonly Role[] = ['report', 'vote', 'flag', 'deletion'];

/** Says what is wrong in events; of those that do not exist, what there is, in the words of a reader. */
function sayProblem(text: string, problem: TextProblem, catalogue: Catalogue): readonly Block[] {
  const { offset, length } = problem;
  const name = text.slice(offset, offset + length);
  const isFirst = /(?:^|;)\s*$/.test(text.slice(0, offset));
  if (!isFirst || name.includes(',') || name === '' || catalogue.model(name) !== undefined)
    return pointAt(text, problem);
  const said = `There are no events ${quoted(name)}`;
  const meant = likelyModel(name, catalogue);
  const types = /^\s*#[^;]*/.exec(text.slice(offset + length))?.[0].trimEnd() ?? '';
  const often = oftenUsed.flatMap((role) => catalogue.ofRole(role)?.name ?? []);
  const right =
    meant === null
      ? `. Often used: ${often.join(', ')}; all of them: docs/events.md`
      : `: did you mean ${meant}${types}?`;
  const [, ...shown] = name === text.trim() ? [] : pointAt(text, problem);
  return [paragraph(`${said}${right}`), ...shown];
}

/** Length of the text that is shown on either side of a mistake, in UTF-16 units. */
const around = 40;

/** A problem in words, and below it the text with the place marked. */
export function pointAt(text: string, { offset, length, wrong, right }: TextProblem): readonly Block[] {
  const from = Math.max(0, offset - around);
  const before = `${from > 0 ? '…' : ''}${text.slice(from, offset)}`;
  const rest = text.slice(offset, offset + around);
  const line = oneLine(`${before}${rest}${offset + around < text.length ? '…' : ''}`);
  const marks = '^'.repeat(Math.max(1, Math.min(length, rest.length)));
  return [paragraph(wrong, ': ', right), lines(`${line}\n${' '.repeat([...oneLine(before)].length)}${marks}`)];
}

/** Line breaks and tabs would move what stands below. */
const oneLine = (text: string) => text.replaceAll(/\s/g, ' ');

/** A subscription's filter as one would write it. */
export function filterText(events: string, where: string | null): readonly (string | ReturnType<typeof code>)[] {
  return where === null ? [code(events)] : [code(events), ' where ', code(where)];
}
