import type { Catalogue, ModelInfo } from '../metasmoke/catalogue.ts';
import type { EventSpec } from '../metasmoke/event-spec.ts';
import { sentTypes } from '../words.ts';

/** Kept, since a row is converted once for each model that conditions know it by. */
const ofDerived = new WeakMap<ModelInfo, ModelInfo>();

function asDerived(model: ModelInfo): ModelInfo {
  const known = ofDerived.get(model);
  if (known !== undefined) return known;
  const made = { ...model, fields: model.derivedFields };
  ofDerived.set(model, made);
  return made;
}

/**
 * The models that events are of, for conditions over them. Where both rows and derived events of a model are asked for it is there twice,
 * the derived ones last: they have other fields.
 */
export function modelsOf(spec: EventSpec, catalogue: Catalogue): readonly ModelInfo[] {
  return [...spec].flatMap(([name, types]) => {
    const model = catalogue.model(name);
    if (model === undefined) return [];
    const sent = sentTypes.some((type) => types.has(type)) ? [model] : [];
    const isDerived = model.derived.some(({ type }) => types.has(type));
    return isDerived ? [...sent, asDerived(model)] : sent;
  });
}
