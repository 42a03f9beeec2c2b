import type { Kysely } from 'kysely';

/** One step of the schema. Append-only: a step that was released is never edited. */
export interface Migration {
  /** Sorts after every earlier name. */
  readonly name: string;
  up(db: Kysely<never>): Promise<void>;
}
