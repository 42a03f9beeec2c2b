import type { Catalogue } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Templates } from '../render/load-templates.ts';
import { type Condition, compileCondition } from '../router/condition.ts';
import { type ConditionBudget, createConditionBudget, sayTooMuch } from '../router/condition-budget.ts';
import type { ConditionModel } from '../router/condition-row.ts';
import type { Subscription } from '../router/router.ts';
import { modelsOf } from '../router/spec-models.ts';
import { subscriptionId } from '../router/subscription-id.ts';
import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { commentInCondition, commentInEvents } from './comment-traps.ts';
import type { FileSubscription } from './config.ts';
import { type Context, textError, textWarning } from './context.ts';
import { readSubscriptionOptions } from './read-options.ts';
import type { Rooms } from './read-rooms.ts';
import { getList, getText, getTexts, type Mapping, type Text } from './tree.ts';

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Where the events of a condition are wrong themselves, any field may be right. */
const anyModel: ConditionModel = { name: '', class: '', singular: '', fields: {} };

/** The parts that subscriptions refer to. */
export interface References {
  readonly catalogue: Catalogue;
  readonly rooms: Rooms;
  readonly templates: Templates;
  /** Names of templates that are there but do not compile. */
  readonly brokenTemplates: ReadonlySet<string>;
  /** True if the configuration names an API. */
  readonly hasApi: boolean;
}

/** `subscriptions:`, those in which nothing is wrong; what is wrong is reported. */
export function readSubscriptions(
  context: Context,
  top: Mapping | null,
  references: References,
): readonly FileSubscription[] {
  const { report } = context;
  const placeOf = new Map<string, number>();
  const subscriptions: FileSubscription[] = [];
  const budget = createConditionBudget();
  const items = getList(top, 'subscriptions')?.items ?? [];
  for (const item of items) {
    if (item.kind !== 'map') continue;
    const read = readSubscription(context, item, references);
    if (read === null) continue;
    const first = placeOf.get(read.id);
    if (first === undefined) {
      placeOf.set(read.id, item.offset);
      if (!fits(context, getText(item, 'where'), read, budget)) continue;
      subscriptions.push(read);
      continue;
    }
    const { line } = report.position(first);
    const id = getText(item, 'id');
    if (id) textError(context, id, 0, `the id "${id.value}" is taken (line ${line})`, 'give each subscription its own');
    else report.error(item.offset, `this subscription says the same as the one on line ${line}`, 'remove one of them');
  }
  if (items.length === 0 && !isBroken(top)) {
    report.warning(
      top?.entries.get('subscriptions')?.keyOffset ?? 0,
      'there are no subscriptions, so no event is sent to any room',
      'add "subscriptions:" with events and rooms',
    );
  }
  return subscriptions;
}

/** True if the conditions of a room, and of all rooms, on one event stay within their budget with one more. */
function fits(context: Context, text: Text | null, one: Subscription, budget: ConditionBudget): boolean {
  const tooMuch = budget.tooMuch(one);
  if (tooMuch === null || text === null) {
    budget.add(one);
    return true;
  }
  const wrong = sayTooMuch(tooMuch, tooMuch.room === null ? 'in all rooms' : `in ${tooMuch.room}`);
  textError(context, text, 0, wrong, 'use smaller patterns, fewer conditions, or the same one several times');
  return false;
}

function isBroken(top: Mapping | null): boolean {
  const value = top?.entries.get('subscriptions')?.value;
  return top === null || (value !== undefined && value.kind !== 'null' && value.kind !== 'list');
}

function readSubscription(context: Context, map: Mapping, references: References): FileSubscription | null {
  const { catalogue, rooms } = references;
  const events = readEvents(context, getText(map, 'events'), catalogue);
  const where = readCondition(context, getText(map, 'where'), events, references);
  const template = readTemplate(context, getText(map, 'template'), references);
  const found = getTexts(map, 'rooms').map((text) => rooms.find(text));
  if (getList(map, 'rooms')?.items.length === 0) {
    context.report.error(
      getList(map, 'rooms')!.offset,
      '"rooms" names no room',
      'name one, or remove the subscription',
    );
  }
  const id = readId(context, getText(map, 'id'));
  const options = readSubscriptionOptions(context, map, { ...references, events });
  if (events === null || where === 'wrong' || template === 'wrong' || id === 'wrong' || options === 'wrong')
    return null;
  if (found.length === 0) return null;
  const known = found.filter((room) => room !== null);
  if (known.length < found.length) return null;
  const addresses = [...new Set(known.map((room) => room.address))];
  const content = { events, where: where?.source ?? null, template, rooms: addresses };
  const subscription = { id: id ?? subscriptionId(content), events, where, rooms: addresses, template, options };
  return { ...subscription, line: context.report.position(map.offset).line, isNamed: id !== null };
}

function readId(context: Context, text: Text | null): string | null | 'wrong' {
  if (text === null) return null;
  if (idPattern.test(text.value)) return text.value;
  textError(
    context,
    text,
    0,
    `"${excerpt(text.value, 64)}" is not an id`,
    'up to 64 letters, digits, ., - and _, a letter or digit first',
  );
  return 'wrong';
}

function readEvents(context: Context, text: Text | null, catalogue: Catalogue): EventSpec | null {
  if (text === null) return null;
  const trap = commentInEvents(text);
  if (trap) {
    context.report.error(text.comment!.offset, trap.wrong, trap.right);
    return null;
  }
  const parsed = parseEventSpec(text.value, catalogue);
  if (parsed.outcome === 'problems') {
    for (const { offset, wrong, right } of parsed.problems) textError(context, text, offset, wrong, right);
    return null;
  }
  const pings = catalogue.ofRole('detector')?.name;
  for (const { index } of text.value.matchAll(new RegExp(`(?<=^|;)\\s*(?=${pings}\\s*(?:;|$))`, 'g'))) {
    const start = index + /^\s*/.exec(text.value.slice(index))![0].length;
    textWarning(
      context,
      text,
      start,
      `${pings} without a type matches each ping, an update every minute of every detector`,
      `write ${pings}#create, or ${pings}#create,update if that is wanted`,
    );
  }
  return parsed.spec;
}

function readCondition(
  context: Context,
  text: Text | null,
  events: EventSpec | null,
  { catalogue, hasApi }: References,
): Condition | null | 'wrong' {
  if (text === null) return null;
  if (text.value.trim() === '') {
    textError(context, text, 0, '"where" is empty', 'write a condition, or remove the key');
    return 'wrong';
  }
  // A variable that is not set leaves a hole in the condition, which has been reported.
  if (text.variables.some(({ value }) => value === '')) return 'wrong';
  const secret = text.variables.find(({ value }) => context.secrets.some((known) => known.reveal() === value));
  if (secret !== undefined) {
    const right = `remove it, or write $\${${secret.name}} if it is meant literally`;
    textError(context, text, 0, `\${${secret.name}} is a secret, and rooms are shown their conditions`, right);
    return 'wrong';
  }
  const compiled = compileCondition(text.value, events === null ? [anyModel] : modelsOf(events, catalogue));
  if (compiled.outcome === 'ok') {
    for (const { offset, wrong, right } of compiled.doubts) textWarning(context, text, offset, wrong, right);
    if (!hasApi && compiled.condition.ofSubject?.has('weight')) {
      const wrong = 'subject.weight comes from the API, which is not configured, and stays unknown';
      textWarning(context, text, Math.max(0, text.value.indexOf('weight')), wrong, 'add source.api, or leave it out');
    }
    return compiled.condition;
  }
  const trap = commentInCondition(text);
  if (trap) context.report.error(text.comment!.offset, trap.wrong, trap.right);
  else for (const { offset, wrong, right } of compiled.problems) textError(context, text, offset, wrong, right);
  return 'wrong';
}

function readTemplate(context: Context, text: Text | null, references: References): string | null | 'wrong' {
  if (text === null) return null;
  const { templates, brokenTemplates } = references;
  const name = text.value;
  if (templates.get(name) !== undefined) return name;
  if (brokenTemplates.has(name)) return 'wrong';
  const meant = nearest(name.replace(/\.hbs$/, ''), templates.names);
  const right = meant !== null ? `did you mean "${meant}"?` : `templates are ${templates.names.join(', ') || 'none'}`;
  textError(context, text, 0, `unknown template "${excerpt(name, 64)}"`, right);
  return 'wrong';
}
