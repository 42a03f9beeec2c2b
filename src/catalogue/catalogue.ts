import type { DerivedType, EventType, Role } from '../words.ts';
import type { SentSpec } from './event-spec.ts';

/**
 * The type of a column, in the words of a database schema. `text` is a string of up to 16 MiB; `list` a list of texts
 * or null.
 */
export type FieldType = 'integer' | 'number' | 'string' | 'text' | 'list' | 'boolean' | 'datetime';

/** A type of event that Lookout derives. */
export interface DerivedEvent {
  readonly type: DerivedType;
  readonly description: string;
  /** The events of the source from which it is derived. */
  readonly needs: SentSpec;
}

/** A type of event of a model that says again what another event says. */
export interface Repeat {
  readonly type: EventType;
  /** The event that says it, too. */
  readonly model: string;
  readonly by: EventType;
  /** The reason, as the end of a sentence. */
  readonly why: string;
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
  /** The fields of an event's object: its columns, without private ones, and what decoding adds; empty if unknown. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** The fields that decoding adds. They are not columns, so no API has them. */
  readonly added: readonly string[];
  /** Returns the site that a person means by a text, as rows name it: `Stack Overflow` → `stackoverflow.com`. */
  readonly nameSite: (written: string) => string;
  /**
   * The models of the rows that columns name by their ids without being called after them: `creator_id` names a user, so
   * `creator: 'user'`. Null: such a column names a row of no model.
   */
  readonly namedOtherwise: Readonly<Record<string, string | null>>;
  /** False if an event's object is not a row: it has no id, and events cannot be related by it. */
  readonly hasRows: boolean;
  /** Returns true if a column of this name is private: it is dropped at decoding, before anything else sees it. */
  readonly isPrivate: (column: string) => boolean;
  /** True if the source's API can list its rows, so that missed ones can be fetched. */
  readonly isListed: boolean;
  /** False for `source`, which no server sends: it has only derived types. */
  readonly isSent: boolean;
  /** The types that say again what other events say. */
  readonly repeats: readonly Repeat[];
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
  /** Finds a model by the class name in a message; only models that the source sends have one. */
  byClass(className: string): ModelInfo | undefined;
  /** Returns the model whose rows have a role; undefined: the source has none. */
  ofRole(role: Role): ModelInfo | undefined;
}

/** Creates a catalogue of models. `named` names one that is in none by its class, as the source would. */
export function catalogueOf(models: readonly ModelInfo[], named: (className: string) => string): Catalogue {
  const byName = new Map(models.map((model) => [model.name, model]));
  const classes = new Map(models.filter(({ isSent }) => isSent).map((model) => [model.class, model]));
  const byRole = new Map(models.map((model) => [model.role, model]));
  const names = Object.freeze([...byName.keys()].sort());
  return Object.freeze({
    names,
    model: (name: string) => byName.get(name),
    byClass: (className: string) => classes.get(className) ?? byName.get(named(className)),
    ofRole: (role: Role) => byRole.get(role),
  });
}

/** Returns the columns of a model: those of its fields that a row of its table has. */
export function columnsOf({ fields, added }: ModelInfo): readonly string[] {
  return Object.keys(fields).filter((field) => !added.includes(field));
}
