import type { Catalogue } from '../catalogue/catalogue.ts';
import { detailNames } from '../catalogue/detail-names.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import { compileCondition } from '../router/condition.ts';
import { defaultUnless, subjectModelOf } from '../router/subject-model.ts';
import {
  parseOptions,
  type SubscriptionOptions,
  type UpdateKind,
  updateKinds,
} from '../router/subscription-options.ts';
import { aboutPosts } from '../router/upstream.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Json } from '../words.ts';
import { type Context, textError, textWarning } from './context.ts';
import { readKeys, type Values } from './key.ts';
import { oneOf } from './one-of.ts';
import { either } from './platform.ts';
import { optionKeys } from './room-keys.ts';
import { getText, type Mapping, type Text } from './tree.ts';

/** More than a few is a flood; platforms have limits of their own (100 people a message). */
const mostMentions = 20;

/** The first model of a subscription whose events are about no post; null: none. */
const aboutNoPost = ({ events, catalogue }: Pick<Given, 'events' | 'catalogue'>): string | null => {
  const about = aboutPosts(catalogue);
  return [...(events?.keys() ?? [])].find((model) => !about.has(model)) ?? null;
};

/** The options of a subscription: how its messages come and stay; `wrong` if one of them is, which is reported. */
export function readSubscriptionOptions(
  context: Context,
  map: Mapping,
  about: Pick<Given, 'events' | 'hasApi' | 'catalogue'>,
): SubscriptionOptions | 'wrong' {
  const values = readKeys(context, map, optionKeys(context.platforms));
  const given = { map, values, ...about };
  const merge = values.merge_reports;
  const parts = [
    merge === null ? {} : { merge_reports: merge },
    readHold(context, given),
    readCard(context, given),
    readMentions(context, given),
  ];
  if (parts.includes('wrong')) return 'wrong';
  return parseOptions(Object.assign({}, ...parts) as Record<string, Json>);
}

/** The options as they are written. */
interface Given {
  readonly map: Mapping;
  readonly events: EventSpec | null;
  readonly hasApi: boolean;
  readonly catalogue: Catalogue;
  readonly values: Values<ReturnType<typeof optionKeys>>;
}

function readCard(context: Context, given: Given): Record<string, Json> | 'wrong' {
  const { map, hasApi, values } = given;
  const { card, updates, details } = values;
  if (!card) {
    const [lone] = [updates, ...details].filter((text) => text !== null);
    if (lone === undefined) return {};
    const wrong = `"${lone === updates ? 'updates' : 'details'}" has an effect on cards alone`;
    textError(context, lone, 0, wrong, 'add "card: true", or remove it');
    return 'wrong';
  }
  const other = aboutNoPost(given);
  if (other !== null) {
    const wrong = `a card shows a post, and ${other} are not about posts`;
    context.report.error(map.entries.get('card')!.value.offset, wrong, 'give them a subscription of their own');
    return 'wrong';
  }
  const kind = updates === null ? 'edit' : readUpdates(context, updates);
  const names = readDetails(context, map, details, hasApi);
  return kind === 'wrong' || names === 'wrong' ? 'wrong' : { card: true, updates: kind, details: names };
}

function readUpdates(context: Context, text: Text): UpdateKind | 'wrong' {
  const written = text.value.trim();
  const known = updateKinds.find((kind) => kind === written);
  if (known !== undefined) return known;
  textError(context, text, 0, `"${excerpt(written, 40)}" is not a way to show updates`, oneOf(updateKinds, written));
  return 'wrong';
}

/** Without `details:` all of them, where there is an API to ask. */
function readDetails(
  context: Context,
  map: Mapping,
  texts: readonly Text[],
  hasApi: boolean,
): readonly string[] | 'wrong' {
  if (!map.entries.has('details')) return hasApi ? detailNames : [];
  let isWrong = false;
  const names = texts.map((text) => {
    const known = detailNames.find((name) => name === text.value.trim());
    if (known !== undefined) return known;
    const right = oneOf(detailNames, text.value.trim());
    textError(context, text, 0, `"${excerpt(text.value, 40)}" is not a detail of a post`, right);
    isWrong = true;
    return text.value;
  });
  const [first] = texts;
  if (!hasApi && first !== undefined && !isWrong)
    textWarning(context, first, 0, '"details" are fetched from the API, which is not named', 'add "api:" to "source:"');
  return isWrong ? 'wrong' : [...new Set(names)];
}

function readHold(context: Context, given: Given): Record<string, Json> | 'wrong' {
  const { map, hasApi, values } = given;
  const { hold, unless } = values;
  if (hold === null) {
    // A wrong `hold` was reported.
    if (unless === null || map.entries.has('hold')) return {};
    textError(context, unless, 0, '"unless" has an effect on what is held alone', 'add "hold: 5m", or remove it');
    return 'wrong';
  }
  if (unless === null) return { hold, unless: defaultUnless };
  const other = aboutNoPost(given);
  if (other !== null) {
    const wrong = `"unless" is a condition on a post, and ${other} are not about posts`;
    textError(context, unless, 0, wrong, 'give them a subscription of their own');
    return 'wrong';
  }
  const compiled = compileCondition(unless.value, [subjectModelOf(given.catalogue)], 'subject');
  if (compiled.outcome === 'ok') {
    const { source } = compiled.condition;
    // Only the API knows what the reasons of a post weigh.
    const asksWeight = /\bweight\b/.test(source);
    const details = hasApi && asksWeight ? { details: ['reasons'] } : {};
    if (asksWeight && !hasApi)
      textWarning(
        context,
        unless,
        0,
        'only the API has the weight of a post, and it is not named: "subject.weight" stays empty',
        'add "api:" to "source:"',
      );
    return { hold, unless: source, ...details };
  }
  for (const { offset, wrong, right } of compiled.problems) textError(context, unless, offset, wrong, right);
  return 'wrong';
}

function readMentions(context: Context, { map, values }: Given): Record<string, Json> | 'wrong' {
  const { mention: texts, mention_cooldown: cooldown } = values;
  const cooldownText = getText(map, 'mention_cooldown');
  const [first] = texts;
  if (first === undefined) {
    if (cooldownText === null) return {};
    textError(context, cooldownText, 0, '"mention_cooldown" is without "mention"', 'say whom to ping, or remove it');
    return 'wrong';
  }
  const rules = context.platforms.flatMap(({ mention }) => mention ?? []);
  const strange = texts.filter((text) => rules.every((rule) => rule.parse(text.value.trim()) === null));
  for (const text of strange)
    textError(
      context,
      text,
      0,
      `"${excerpt(text.value, 64)}" cannot be pinged`,
      `write ${either(rules.flatMap(({ forms }) => forms))}`,
    );
  if (texts.length > mostMentions)
    textError(
      context,
      first,
      0,
      `${texts.length} are pinged at once`,
      `at most ${mostMentions}; where there are roles, one holds many`,
    );
  if (strange.length > 0 || texts.length > mostMentions) return 'wrong';
  return { mention: texts.map((text) => text.value.trim()), mention_cooldown: cooldown };
}
