import type { Generated } from 'kysely';
import type { Instant } from './columns.ts';

/** A source that was subscribed at least once. */
export interface SourcesTable {
  readonly name: string;
  /**
   * When the source was first subscribed. Anything after this that did not arrive counts as missed, even if no event
   * ever arrived.
   */
  readonly first_heard_at: Instant;
  /**
   * Everything that it sent before this instant is in the store, except for known gaps; null: stored by an older
   * version without this column.
   */
  readonly heard_until: Instant | null;
}

/** A time in which events of the source may have been missed. */
export interface GapsTable {
  readonly id: Generated<number>;
  readonly source: string;
  readonly from_at: Instant;
  readonly until_at: Instant;
  readonly reason: string;
  /** The part that cannot be fetched; null: none. */
  readonly lost: string | null;
  /** Number of rows from the API so far; null: not requested, or no answer yet. */
  readonly fetched: number | null;
  /** Start of the part that is still to be fetched; null: none. */
  readonly open_from: Instant | null;
  /** Number of incomplete readings of the API. */
  readonly tries: Generated<number>;
  /** The reason for the last incomplete reading; null: not requested yet, or complete. */
  readonly problem: string | null;
  /** Time when operators were notified that it is open; null: they were not. */
  readonly told_at: Instant | null;
}

/** The highest id of a model among the deleted events. Older rows were not missed. */
export interface HighWaterMarksTable {
  readonly source: string;
  readonly model: string;
  readonly row_id: number;
}

/** Sources, and the times in which they were not received. */
export interface SourceTables {
  readonly sources: SourcesTable;
  readonly gaps: GapsTable;
  readonly high_water_marks: HighWaterMarksTable;
}
