import type { Kysely } from 'kysely';

/** One migration of the schema. Append-only: a released migration is never edited. */
export interface Migration {
  /** Sorts after every earlier name. */
  readonly name: string;
  up(db: Kysely<never>): Promise<void>;
}
