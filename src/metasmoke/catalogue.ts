import type { DerivedType } from '../words.ts';
import { type DerivedInfo, derivedEvents } from './derived.ts';
import { camelize, pluralize, singularize, underscore } from './inflect.ts';
import type { FieldType } from './models.ts';
import { models } from './models.ts';

export type { FieldType } from './models.ts';

/** What is known about a model. */
export interface ModelInfo {
  /** Plural table name: `flag_logs`; `ref` for GitHub's references, which have no table. */
  readonly name: string;
  /** The class that events carry: `FlagLog`. */
  readonly class: string;
  /** `flag_log` */
  readonly singular: string;
  /** The columns that an event of this model carries, private ones left out; empty where they are not known. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** False where an event's object is not a row: it has no id, and nothing about it repeats. */
  readonly hasRows: boolean;
  /** False for `source`, of which metasmoke knows nothing: it has derived types alone. */
  readonly isSent: boolean;
  /** The types that Lookout itself concludes, with when each happens in one line. */
  readonly derived: readonly { readonly type: DerivedType; readonly description: string }[];
  /** The fields of an event of such a type: the columns, less the longest, and more; those of no other event. */
  readonly derivedFields: Readonly<Record<string, FieldType>>;
}

/** Every model that a configuration may name. */
export interface Catalogue {
  /** Sorted. */
  readonly names: readonly string[];
  model(name: string): ModelInfo | undefined;
  /** Only models that are sent have a class that comes over the wire. */
  byClass(className: string): ModelInfo | undefined;
}

function fieldsOf(columns: Readonly<Partial<Record<FieldType, string>>>): Readonly<Record<string, FieldType>> {
  // Without a prototype, so that a field called `constructor` is as unknown as any other.
  const fields: Record<string, FieldType> = Object.create(null);
  for (const [type, names] of Object.entries(columns)) {
    for (const name of names.split(' ')) if (name !== '') fields[name] = type as FieldType;
  }
  return Object.freeze(fields);
}

type Named = Pick<ModelInfo, 'name' | 'class' | 'singular' | 'fields' | 'hasRows'>;

function withDerived(model: Named, isSent = true): ModelInfo {
  const info: DerivedInfo | undefined = Object.hasOwn(derivedEvents, model.name)
    ? derivedEvents[model.name]
    : undefined;
  const derived = Object.entries(info?.types ?? {}).map(([type, description]) =>
    Object.freeze({ type: type as DerivedType, description }),
  );
  const derivedFields: Record<string, FieldType> = Object.create(null);
  for (const [name, type] of Object.entries(model.fields))
    if (info?.without.includes(name) === false) derivedFields[name] = type;
  for (const [name, { type }] of Object.entries(info?.fields ?? {})) derivedFields[name] = type;
  return Object.freeze({
    ...model,
    isSent,
    derived: Object.freeze(derived),
    derivedFields: Object.freeze(derivedFields),
  });
}

/** How it stands with the source itself: no row, and nothing that could be asked for. */
const source = withDerived(
  { name: 'source', class: 'Source', singular: 'source', fields: fieldsOf({}), hasRows: false },
  false,
);

/** `ref#update`: a push or status of GitHub, passed on as GitHub sent it; named like this, in the singular, in the API. */
const ref = withDerived({ name: 'ref', class: 'Ref', singular: 'ref', fields: fieldsOf({}), hasRows: false });

const known: readonly ModelInfo[] = [
  ref,
  source,
  ...Object.entries(models).map(([name, model]) =>
    withDerived({
      name,
      class: model.class,
      singular: underscore(model.class),
      fields: fieldsOf(model.columns),
      hasRows: true,
    }),
  ),
];

/** A model that is only known by name, as it comes from another server: rows with an id, fields not known. */
function named(name: string): ModelInfo {
  const singular = singularize(name);
  return withDerived({ name, class: camelize(singular), singular, fields: fieldsOf({}), hasRows: true });
}

/** What to take a class for that the catalogue does not know: the model that Rails would name so. */
export function unknownModel(className: string): ModelInfo {
  const singular = underscore(className);
  return withDerived({ name: pluralize(singular), class: className, singular, fields: fieldsOf({}), hasRows: true });
}

/**
 * metasmoke's models and those that `extraModels` names (the configuration's `source.models`, for other servers; a name
 * that is known already changes nothing).
 */
export function createCatalogue(extraModels: readonly string[] = []): Catalogue {
  const byName = new Map(known.map((model) => [model.name, model]));
  for (const name of extraModels) if (!byName.has(name)) byName.set(name, named(name));
  const sent = [...byName.values()].filter(({ isSent }) => isSent);
  const classes = new Map(sent.map((model) => [model.class, model]));
  const names = Object.freeze([...byName.keys()].sort());
  return Object.freeze({
    names,
    model: (name: string) => byName.get(name),
    byClass: (className: string) => classes.get(className) ?? byName.get(unknownModel(className).name),
  });
}
