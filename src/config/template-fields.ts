import type { Catalogue, ModelInfo } from '../catalogue/catalogue.ts';
import { shippedTemplates, type Templates } from '../render/load-templates.ts';
import type { Template } from '../render/template.ts';
import { fieldMeant } from '../router/condition-meant.ts';
import type { Subscription } from '../router/router.ts';
import { modelsOf } from '../router/spec-models.ts';
import type { Config } from './config.ts';
import type { Problem } from './problem.ts';
import type { Report } from './report.ts';

/**
 * Warns of each `object.<field>` in the operator's own templates that no model has whose events are shown with it: it would
 * stay empty for ever. Templates that ship with Lookout serve many models and are not looked at.
 */
export function warnOfUnknownFields(
  subscriptions: readonly Subscription[],
  templates: Templates,
  catalogue: Catalogue,
  shipped: string,
  report: Report,
): void {
  for (const [name, models] of modelsOfTemplates(subscriptions, templates, catalogue)) {
    const template = templates.get(name);
    if (template && !template.file.startsWith(shipped))
      for (const problem of unknownFields(template, [...models])) report.add(problem);
  }
}

/** Returns the same for a template that is tried with an event of a model, unless a subscription shows it: it was looked at then. */
export function unknownFieldsTried(
  { subscriptions, templates, catalogue }: Pick<Config, 'subscriptions' | 'templates' | 'catalogue'>,
  name: string,
  modelName: string,
): readonly Problem[] {
  const [template, model] = [templates.get(name), catalogue.model(modelName)];
  const isShipped = template === undefined || template.file.startsWith(shippedTemplates);
  const isLookedAt = modelsOfTemplates(subscriptions, templates, catalogue).has(name);
  return isShipped || isLookedAt || model === undefined ? [] : unknownFields(template, [model]);
}

function unknownFields({ file, fieldsUsed }: Template, models: readonly ModelInfo[]): readonly Problem[] {
  // Of some models the fields are not known: anything may be right there.
  if (models.some((model) => isUnknown(model))) return [];
  const known = [...new Set(models.flatMap((model) => Object.keys(model.fields)))];
  const names = models
    .map((model) => model.name)
    .sort()
    .join(', ');
  return fieldsUsed
    .filter(({ field }) => !known.includes(field))
    .map(({ field, line, column }) => {
      const meant = fieldMeant(field, { name: 'object', fields: known }, []);
      const right =
        meant !== null
          ? `did you mean ${meant.replace(/^object\./, '')}?`
          : 'check the name, or the events of the subscriptions that use this template';
      return { file, line, column, severity: 'warning', wrong: `${names} have no field "${field}"`, right };
    });
}

/**
 * Warns of a template that shows what only cards know, where a subscription names it and makes none: that would stay empty.
 * One that asks for `card` by itself knows that there may be none.
 */
export function warnOfCardsWithoutCard(
  subscriptions: readonly Subscription[],
  templates: Templates,
  catalogue: Catalogue,
  report: Report,
): void {
  const others = subscriptions.filter(({ options }) => !options.isCard);
  for (const name of modelsOfTemplates(others, templates, catalogue).keys()) {
    const template = templates.get(name);
    const [first] = template?.cardsUsed ?? [];
    if (!template || !first || template.cardsUsed.some((used) => used.name === 'card')) continue;
    const { line, column } = first;
    const wrong = `only a card knows "${first.name}", and a subscription without "card: true" shows this template`;
    const right = `add "card: true" to it, or write object.<column>`;
    report.add({ file: template.file, line, column, severity: 'warning', wrong, right });
  }
}

/**
 * Warns of an operator's own template that is called as a model is, in the plural, and that no subscription names: a model's
 * own template is called in the singular.
 */
export function warnOfPluralTemplates(
  subscriptions: readonly Subscription[],
  templates: Templates,
  catalogue: Catalogue,
  shipped: string,
  report: Report,
): void {
  const named = new Set(subscriptions.map(({ template }) => template));
  for (const name of templates.names) {
    const file = templates.get(name)?.file ?? shipped;
    const model = catalogue.model(name);
    if (model === undefined || model.singular === name || named.has(name) || file.startsWith(shipped)) continue;
    const wrong = `no subscription uses the template "${name}"`;
    const right = `call it ${model.singular}.hbs to have it for all ${name}, or write "template: ${name}"`;
    report.add({ file, line: 1, column: 1, severity: 'warning', wrong, right });
  }
}

const isUnknown = (model: ModelInfo) => Object.keys(model.fields).length === 0;

/** Which models' events each template will show. */
function modelsOfTemplates(
  subscriptions: readonly Subscription[],
  templates: Templates,
  catalogue: Catalogue,
): Map<string, Set<ModelInfo>> {
  const shown = new Map<string, Set<ModelInfo>>();
  for (const { events, template, options } of subscriptions) {
    for (const model of modelsOf(events, catalogue)) {
      const own = options.isCard ? 'card' : templates.get(model.singular) ? model.singular : 'default';
      const used = template ?? own;
      shown.set(used, (shown.get(used) ?? new Set()).add(model));
    }
  }
  return shown;
}
