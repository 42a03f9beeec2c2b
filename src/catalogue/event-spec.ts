import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { derivedTypes, type EventType, type SentType, sentTypes } from '../words.ts';
import type { Catalogue, ModelInfo } from './catalogue.ts';

/** The types of each model in a spec. No model is present without a type. */
export type EventSpec = ReadonlyMap<string, ReadonlySet<EventType>>;

/** A spec that can be requested from the source: it contains no derived type. */
export type SentSpec = ReadonlyMap<string, ReadonlySet<SentType>>;

/** An error in a text written by a person. */
export interface TextProblem {
  /** Start of the error in UTF-16 units. */
  readonly offset: number;
  /** UTF-16 units; 0 if something is missing at this place. */
  readonly length: number;
  /** The error: `unknown model "post"`. */
  readonly wrong: string;
  /** The correction: `did you mean posts#create?`. */
  readonly right: string;
}

export type ParsedEventSpec =
  | { readonly outcome: 'ok'; readonly spec: EventSpec }
  | { readonly outcome: 'problems'; readonly problems: readonly TextProblem[] };

/** A part of the text without surrounding blanks. */
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

/** Returns a name as an error quotes it: in quotes and of limited length. */
export const quoted = (text: string) => JSON.stringify(excerpt(text, 60));

/** All types in the order in which they are written. */
const allTypes: readonly EventType[] = [...sentTypes, ...derivedTypes];

/** Returns the types of a model; for an unknown model all types that are sent. */
export function typesOf(model: ModelInfo | undefined): readonly EventType[] {
  if (model === undefined) return sentTypes;
  const derived = model.derived.map(({ type }) => type);
  return model.isSent ? [...sentTypes, ...derived] : derived;
}

/** A model without types means create and update, as in the API; for one that is not sent, all its types. */
const byDefault = (model: ModelInfo | undefined): readonly EventType[] =>
  model?.isSent === false ? typesOf(model) : ['create', 'update'];

/** Returns the catalogue's model nearest to a misspelt one, by spelling or by its class name; null if none is near. */
export function likelyModel(text: string, catalogue: Catalogue): string | null {
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
    const alone = byDefault(catalogue.model(model));
    return {
      ...at,
      wrong: `a type is missing for ${model}`,
      right: `${model} (${alone.join(' and ')}) or ${model}#${alone[0]}`,
    };
  }
  const types = typesOf(catalogue.model(model));
  if (type.text === '*')
    return {
      ...at,
      wrong: '"*" is not a type',
      right: `name each type: ${model}#${(sentTypes.some((each) => types.includes(each)) ? sentTypes : types).join(',')}`,
    };
  // In `posts#create,feedbacks` the comma continues the types, but the writer meant another model.
  const asModel = type.text.split('#')[0]!.trim();
  if (catalogue.model(asModel) !== undefined) {
    return { ...at, wrong: `${asModel} is a model, not a type`, right: `separate models by ";": …;${type.text}` };
  }
  const meant = nearest(type.text, types);
  const other = allTypes.find((each) => each === type.text);
  const others = catalogue.names.filter(
    (name) => other !== undefined && typesOf(catalogue.model(name)).includes(other),
  );
  const right =
    meant !== null
      ? `did you mean ${model}#${meant}?`
      : other === undefined || sentTypes.some((each) => each === other)
        ? `types are ${types.join(', ')}`
        : `did you mean ${others.map((name) => `${name}#${other}`).join(' or ')}? Those of ${model} are ${types.join(', ')}`;
  return {
    ...at,
    wrong: other === undefined ? `unknown type ${quoted(type.text)}` : `${model}#${type.text} does not exist`,
    right,
  };
}

/**
 * Parses the API's own filter text, `posts#create;feedbacks`, extended by derived types. Rejects mistakes that
 * metasmoke would accept without an error and then never match: unknown models and types, commas between models,
 * `posts#*`, `posts#`. Blanks are ignored. A model named twice is requested once, because the server would send its
 * events twice.
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
    if (hash < 0) for (const type of byDefault(known)) types.add(type);
    else {
      for (const type of split({ text: piece.text.slice(hash + 1), offset: piece.offset + hash + 1 }, ',')) {
        const of = known === undefined ? allTypes : typesOf(known);
        const read = of.find((each) => each === type.text);
        if (read !== undefined) types.add(read);
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

/** Returns the union of several specs. */
export function unionSpecs<T extends EventType>(
  specs: Iterable<ReadonlyMap<string, ReadonlySet<T>>>,
): ReadonlyMap<string, ReadonlySet<T>> {
  const union = new Map<string, Set<T>>();
  for (const spec of specs) {
    for (const [model, types] of spec) {
      const all = union.get(model) ?? new Set<T>();
      union.set(model, all);
      for (const type of types) all.add(type);
    }
  }
  return union;
}

/**
 * Formats a spec as filter text; for a `SentSpec` in the API's own grammar: models sorted, each once, with all types
 * named. Equal specs give equal text; an empty one gives `''`, which must never be sent (the server would send its
 * legacy streams).
 */
export function formatEventSpec(spec: EventSpec): string {
  return [...spec.keys()]
    .sort()
    .map((model) => `${model}#${allTypes.filter((type) => spec.get(model)!.has(type)).join(',')}`)
    .join(';');
}
