import { type Catalogue, catalogueOf, type FieldType, type ModelInfo } from '../catalogue/catalogue.ts';
import { camelize, pluralize, singularize, underscore } from '../catalogue/inflect.ts';
import type { DerivedType } from '../words.ts';
import { type DerivedInfo, derivedEvents } from './derived.ts';
import { models } from './models.ts';
import { nameSite } from './name-site.ts';
import { namedOtherwise } from './named-otherwise.ts';
import { isPrivateColumn } from './private-columns.ts';
import { repeats } from './repeats.ts';
import { roles } from './roles.ts';

function fieldsOf(columns: Readonly<Partial<Record<FieldType, string>>>): Readonly<Record<string, FieldType>> {
  // Has no prototype, so that a field named `constructor` is as unknown as any other.
  const fields: Record<string, FieldType> = Object.create(null);
  for (const [type, names] of Object.entries(columns)) {
    for (const name of names.split(' ')) if (name !== '') fields[name] = type as FieldType;
  }
  return Object.freeze(fields);
}

/** The models that the API lists (`api/list-rows.ts`). */
const listed: ReadonlySet<string> = new Set(['posts', 'feedbacks', 'deletion_logs', 'flag_logs', 'post_comments']);

type Named = Pick<ModelInfo, 'name' | 'class' | 'singular' | 'fields' | 'hasRows'>;

/** The fields that decoding adds to the rows of a report. */
const addedToReport: Readonly<Record<string, FieldType>> = { site: 'string' };

function withDerived(named: Named, isSent = true): ModelInfo {
  const role = (Object.hasOwn(roles, named.name) && roles[named.name]) || null;
  const added = role === 'report' ? addedToReport : {};
  const fields: Record<string, FieldType> = Object.assign(Object.create(null), named.fields, added);
  const model = { ...named, fields: Object.freeze(fields) };
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
    role,
    added: Object.freeze(Object.keys(added)),
    nameSite,
    namedOtherwise: (Object.hasOwn(namedOtherwise, model.name) && namedOtherwise[model.name]) || {},
    isPrivate: (column: string) => isPrivateColumn(model.name, column),
    isListed: listed.has(model.name),
    isSent,
    repeats: (Object.hasOwn(repeats, model.name) && repeats[model.name]) || [],
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
  const names = new Set(known.map(({ name }) => name));
  const extra = [...new Set(extraModels)].filter((name) => !names.has(name)).map(named);
  return catalogueOf([...known, ...extra], (className) => unknownModel(className).name);
}
