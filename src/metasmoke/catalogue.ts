import type { DerivedType, Role } from '../words.ts';
import { type DerivedInfo, derivedEvents } from './derived.ts';
import type { SentSpec } from './event-spec.ts';
import { camelize, pluralize, singularize, underscore } from './inflect.ts';
import type { FieldType } from './models.ts';
import { models } from './models.ts';
import { roles } from './roles.ts';

export type { FieldType } from './models.ts';

/** A type of event that Lookout derives. */
export interface DerivedEvent {
  readonly type: DerivedType;
  readonly description: string;
  /** The events of the source from which it is derived. */
  readonly needs: SentSpec;
}

/** A model and its columns. */
export interface ModelInfo {
  /** Plural table name: `flag_logs`; `ref` for GitHub's references, which have no table. */
  readonly name: string;
  /** The class name in events: `FlagLog`. */
  readonly class: string;
  /** `flag_log` */
  readonly singular: string;
  /** The part that its rows play; null: none. */
  readonly role: Role | null;
  /** The columns in an event of this model, without private ones; empty if unknown. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** False if an event's object is not a row: it has no id, and events cannot be related by it. */
  readonly hasRows: boolean;
  /** False for `source`, which metasmoke does not send: it has only derived types. */
  readonly isSent: boolean;
  /** The types that Lookout derives, each with a one-line description. */
  readonly derived: readonly DerivedEvent[];
  /** The fields of a derived event: the columns except the longest, and some that other events do not have. */
  readonly derivedFields: Readonly<Record<string, FieldType>>;
}

/** All models that a configuration may name. */
export interface Catalogue {
  /** Sorted. */
  readonly names: readonly string[];
  model(name: string): ModelInfo | undefined;
  /** Finds a model by the class name in a message; only models that metasmoke sends have one. */
  byClass(className: string): ModelInfo | undefined;
  /** Returns the model whose rows have a role; undefined: the source has none. */
  ofRole(role: Role): ModelInfo | undefined;
}

function fieldsOf(columns: Readonly<Partial<Record<FieldType, string>>>): Readonly<Record<string, FieldType>> {
  // Has no prototype, so that a field named `constructor` is as unknown as any other.
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
    Object.freeze({
      type: type as DerivedType,
      description,
      needs: info?.needs[type as DerivedType] ?? new Map(),
    }),
  );
  const derivedFields: Record<string, FieldType> = Object.create(null);
  for (const [name, type] of Object.entries(model.fields))
    if (info?.without.includes(name) === false) derivedFields[name] = type;
  for (const [name, { type }] of Object.entries(info?.fields ?? {})) derivedFields[name] = type;
  return Object.freeze({
    ...model,
    role: (Object.hasOwn(roles, model.name) && roles[model.name]) || null,
    isSent,
    derived: Object.freeze(derived),
    derivedFields: Object.freeze(derivedFields),
  });
}

/** The state of the source itself: it has no row and cannot be requested from metasmoke. */
const source = withDerived(
  { name: 'source', class: 'Source', singular: 'source', fields: fieldsOf({}), hasRows: false },
  false,
);

/** `ref#update`: a push or status of GitHub, passed on unchanged. The API names this model in the singular. */
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

/** A model known only by its name, from another server: rows with an id, fields unknown. */
function named(name: string): ModelInfo {
  const singular = singularize(name);
  return withDerived({ name, class: camelize(singular), singular, fields: fieldsOf({}), hasRows: true });
}

/** Returns the model for a class that is not in the catalogue, with the name that Rails would give it. */
export function unknownModel(className: string): ModelInfo {
  const singular = underscore(className);
  return withDerived({ name: pluralize(singular), class: className, singular, fields: fieldsOf({}), hasRows: true });
}

/**
 * Creates the catalogue: metasmoke's models and those of `extraModels` (the configuration's `source.models`, for other
 * servers; a name already known changes nothing).
 */
export function createCatalogue(extraModels: readonly string[] = []): Catalogue {
  const byName = new Map(known.map((model) => [model.name, model]));
  for (const name of extraModels) if (!byName.has(name)) byName.set(name, named(name));
  const sent = [...byName.values()].filter(({ isSent }) => isSent);
  const classes = new Map(sent.map((model) => [model.class, model]));
  const names = Object.freeze([...byName.keys()].sort());
  const byRole = new Map([...byName.values()].map((model) => [model.role, model]));
  return Object.freeze({
    names,
    model: (name: string) => byName.get(name),
    byClass: (className: string) => classes.get(className) ?? byName.get(unknownModel(className).name),
    ofRole: (role: Role) => byRole.get(role),
  });
}
