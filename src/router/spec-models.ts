import type { Catalogue, ModelInfo } from '../catalogue/catalogue.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import { sentTypes } from '../words.ts';

/** Cached, because a row is converted once for each model object that conditions use. */
const ofDerived = new WeakMap<ModelInfo, ModelInfo>();

function asDerived(model: ModelInfo): ModelInfo {
  const known = ofDerived.get(model);
  if (known !== undefined) return known;
  const made = { ...model, fields: model.derivedFields };
  ofDerived.set(model, made);
  return made;
}

/**
 * Returns the models of a spec, for conditions over its events. If a spec names both rows and derived events of a
 * model, the model appears twice, the derived ones last, because they have other fields.
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
