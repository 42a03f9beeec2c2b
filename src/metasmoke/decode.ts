import { siteOfLink } from '../catalogue/site-of-link.ts';
import type { DecodeContext, Decoded } from '../catalogue/source-kind.ts';
import { idText, subjectOf } from '../catalogue/subject.ts';
import type { Event, EventObject, Json, SentType } from '../words.ts';
import { sentTypes } from '../words.ts';
import { unknownModel } from './catalogue.ts';
import { isPrivateColumn } from './private-columns.ts';

/**
 * Top-level keys of the four streams of an older format, which Lookout does not request; measured against metasmoke's own channel code.
 */
const legacyKeys = ['feedback', 'flag_log', 'not_flagged', 'deletion_log', 'statistic'];

/**
 * Limit of nesting. Rows are flat, GitHub's payloads a few levels deep, and JSON.stringify, which stores them, fails at
 * some thousands.
 */
const deepest = 64;

/** Reads an own key only, because a message is foreign JSON. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Checks level by level instead of recursively, so that hostile nesting cannot overflow the stack. */
function isTooDeep(row: object): boolean {
  let level: object[] = [row];
  for (let depth = 0; depth <= deepest; depth++) {
    level = level.flatMap((item) => Object.values(item).filter(isNested));
    if (level.length === 0) return false;
  }
  return true;
}

function describe(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  return Array.isArray(value) ? 'is a list' : `is a ${typeof value}`;
}

const isSentType = (value: unknown): value is SentType => sentTypes.some((type) => type === value);

/** One or more class names as Ruby writes them. */
const className = /^[A-Z]\w*(::[A-Z]\w*)*$/;

/**
 * Decodes one message of the channel, given as parsed JSON: checks the shape `{event_type, event_class, object}`, drops
 * private columns before any other code sees the row, and finds model, id and subject. The rest of the row stays
 * unchanged. An unknown class gives an event, too. Never throws on JSON.
 */
export function decode(message: unknown, context: DecodeContext): Decoded {
  const malformed = (reason: string): Decoded => ({ outcome: 'malformed', reason });
  if (!isRecord(message)) return malformed(`the message ${describe(message)}, not an object`);
  const type = own(message, 'event_type');
  const eventClass = own(message, 'event_class');
  const object = own(message, 'object');
  if (type === undefined && eventClass === undefined && object === undefined) {
    if (legacyKeys.some((key) => Object.hasOwn(message, key))) return { outcome: 'ignored' };
  }
  if (!isSentType(type)) {
    return malformed(`event_type ${typeof type === 'string' ? 'is unknown' : describe(type)}`);
  }
  if (typeof eventClass !== 'string') return malformed(`event_class ${describe(eventClass)}`);
  if (eventClass.length > 100 || !className.test(eventClass)) return malformed('event_class is not a class name');
  if (!isRecord(object)) return malformed(`object ${describe(object)}`);
  if (isTooDeep(object)) return malformed(`object is nested more than ${deepest} levels deep`);

  const known = context.catalogue.byClass(eventClass);
  const model = known ?? unknownModel(eventClass);
  // fromEntries defines each key as an own key, so that `__proto__` is a column like any other.
  const row: EventObject = Object.fromEntries(
    Object.entries(object as EventObject).filter(([column]) => !isPrivateColumn(model.name, column)),
  );
  if (model.role === 'report') Object.assign(row, siteIn(row, context));
  const rowId = model.hasRows ? idText(own(row, 'id') as Json | undefined) : null;
  if (known?.hasRows && rowId === null) return malformed(`object.id ${describe(own(row, 'id'))}, not a row's id`);
  const updatedAt = model.hasRows ? own(row, 'updated_at') : null;
  return {
    outcome: 'event',
    event: {
      source: context.source,
      model: model.name,
      class: eventClass,
      role: model.role,
      type,
      rowId,
      subject: subjectOf(context.source, model, rowId, row),
      updatedAt: typeof updatedAt === 'string' && /^\d{4}-\d\d-\d\dT/.test(updatedAt) ? updatedAt : null,
      receivedAt: context.receivedAt,
      origin: context.origin,
      object: row,
    },
  };
}

/** Returns the site of a report by its name: the one of its id, as far as that is known, else the host of its link. */
function siteIn(row: EventObject, { siteOf }: DecodeContext): EventObject {
  const id = own(row, 'site_id');
  const site = (typeof id === 'number' ? siteOf(id) : null) ?? siteOfLink(own(row, 'link'));
  return site === null ? {} : { site };
}

/** Returns the known part of a message that could not be decoded, without any of its columns but the id: some are private. */
export function salvage(message: unknown, told: Pick<Event, 'source' | 'receivedAt' | 'origin'>): Event {
  const { event_type: type, event_class: name, object } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const className = typeof name === 'string' && /^[A-Z]\w{0,99}$/.test(name) ? name : 'Unknown';
  const id = (object as { readonly id?: unknown } | null | undefined)?.id;
  const rowId = typeof id === 'number' || typeof id === 'string' ? idText(id) : null;
  const model = unknownModel(className);
  return {
    ...told,
    model: model.name,
    class: className,
    role: model.role,
    type: sentTypes.find((each) => each === type) ?? ('update' satisfies SentType),
    rowId,
    subject: rowId === null ? `source:${told.source}` : `${model.singular}:${rowId}`,
    updatedAt: null,
    object: typeof id === 'number' || typeof id === 'string' ? { id } : {},
  };
}
