import type { Catalogue } from '../metasmoke/catalogue.ts';
import type { EventType } from '../words.ts';
import { eventTypes } from '../words.ts';
import { nearest } from './nearest.ts';

/** Which types of which models are asked for. A model is never there with no type. */
export type EventSpec = ReadonlyMap<string, ReadonlySet<EventType>>;

/** Something wrong in a text that somebody wrote. */
export interface TextProblem {
  /** Where it begins, in UTF-16 units of the text. */
  readonly offset: number;
  /** UTF-16 units; 0 for a place where something is missing. */
  readonly length: number;
  /** What is wrong: `unknown model "post"`. */
  readonly wrong: string;
  /** What would be right: `did you mean posts#create?`. */
  readonly right: string;
}

export type ParsedEventSpec =
  | { readonly outcome: 'ok'; readonly spec: EventSpec }
  | { readonly outcome: 'problems'; readonly problems: readonly TextProblem[] };

/** A part of the text without the blanks around it. */
interface Part {
  readonly text: string;
  readonly offset: number;
}

function trimmed(text: string, offset: number): Part {
  const start = text.trimStart();
  return { text: start.trimEnd(), offset: offset + text.length - start.length };
}

function split(part: Part, separator: string): Part[] {
  const parts: Part[] = [];
  let offset = part.offset;
  for (const piece of part.text.split(separator)) {
    parts.push(trimmed(piece, offset));
    offset += piece.length + separator.length;
  }
  return parts;
}

/** A name as an error repeats it: quoted, and not endless. */
export const quoted = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A model alone means these two, as in the API. */
const byDefault: readonly EventType[] = ['create', 'update'];

const isEventType = (text: string): text is EventType => eventTypes.some((type) => type === text);

/** The catalogue's name that a wrongly written model comes nearest to: by spelling, or by being its class. */
function likelyModel(text: string, catalogue: Catalogue): string | null {
  return catalogue.byClass(text)?.name ?? nearest(text, catalogue.names);
}

function modelProblem(model: Part, rest: string, catalogue: Catalogue): TextProblem {
  const at = { offset: model.offset, length: model.text.length };
  if (model.text === '') return { ...at, wrong: 'a model is missing before "#"', right: 'for example posts#create' };
  if (model.text.includes(',')) {
    const models = model.text.split(',').map((name) => name.trim());
    return { ...at, wrong: 'models are separated by ";", not ","', right: `write ${models.join(';')}${rest}` };
  }
  const meant = likelyModel(model.text, catalogue);
  return {
    ...at,
    wrong: `unknown model ${quoted(model.text)}`,
    right: meant === null ? `one of ${catalogue.names.join(', ')}` : `did you mean ${meant}${rest}?`,
  };
}

function typeProblem(type: Part, model: string, catalogue: Catalogue): TextProblem {
  const at = { offset: type.offset, length: type.text.length };
  if (type.text === '') {
    return { ...at, wrong: `a type is missing for ${model}`, right: `${model} (create and update) or ${model}#create` };
  }
  const all = `${model}#${eventTypes.join(',')}`;
  if (type.text === '*') return { ...at, wrong: '"*" is not a type', right: `name each type: ${all}` };
  // `posts#create,feedbacks`: the comma goes on with types, what was meant goes on with models.
  const asModel = type.text.split('#')[0]!.trim();
  if (catalogue.model(asModel) !== undefined) {
    return { ...at, wrong: `${asModel} is a model, not a type`, right: `separate models by ";": …;${type.text}` };
  }
  const meant = nearest(type.text, eventTypes);
  return {
    ...at,
    wrong: `unknown type ${quoted(type.text)}`,
    right: meant === null ? `types are ${eventTypes.join(', ')}` : `did you mean ${model}#${meant}?`,
  };
}

/**
 * Reads the API's own filter text, `posts#create;feedbacks`, and refuses what metasmoke would accept in silence and then
 * never send: unknown models and types, commas between models, `posts#*`, `posts#`. Blanks do not count, a model that is
 * named twice is asked for once (the server would send its events twice).
 */
export function parseEventSpec(text: string, catalogue: Catalogue): ParsedEventSpec {
  const problems: TextProblem[] = [];
  const spec = new Map<string, Set<EventType>>();
  const whole = trimmed(text, 0);
  for (const piece of split(whole, ';')) {
    if (piece.text === '') continue;
    const hash = piece.text.indexOf('#');
    const model = trimmed(hash < 0 ? piece.text : piece.text.slice(0, hash), piece.offset);
    const known = catalogue.model(model.text);
    if (known === undefined) {
      problems.push(modelProblem(model, hash < 0 ? '' : piece.text.slice(hash), catalogue));
    }
    const types = spec.get(model.text) ?? new Set();
    spec.set(model.text, types);
    if (hash < 0) for (const type of byDefault) types.add(type);
    else {
      for (const type of split({ text: piece.text.slice(hash + 1), offset: piece.offset + hash + 1 }, ',')) {
        if (isEventType(type.text)) types.add(type.text);
        else
          problems.push(typeProblem(type, known?.name ?? likelyModel(model.text, catalogue) ?? model.text, catalogue));
      }
    }
  }
  if (spec.size === 0) {
    problems.push({ ...whole, length: whole.text.length, wrong: 'no events named', right: 'for example posts#create' });
  }
  return problems.length === 0 ? { outcome: 'ok', spec } : { outcome: 'problems', problems: problems.map(plain) };
}

const plain = ({ offset, length, wrong, right }: TextProblem): TextProblem => ({ offset, length, wrong, right });

/** All that any of them asks for. */
export function unionSpecs(specs: Iterable<EventSpec>): EventSpec {
  const union = new Map<string, Set<EventType>>();
  for (const spec of specs) {
    for (const [model, types] of spec) {
      const all = union.get(model) ?? new Set();
      union.set(model, all);
      for (const type of types) all.add(type);
    }
  }
  return union;
}

/**
 * The API's filter text for a spec: models sorted, each once, types always named. Equal specs give equal text; an empty
 * one gives `''`, which must never be sent (the server would take it for its legacy streams).
 */
export function formatEventSpec(spec: EventSpec): string {
  return [...spec.keys()]
    .sort()
    .map((model) => `${model}#${eventTypes.filter((type) => spec.get(model)!.has(type)).join(',')}`)
    .join(';');
}
