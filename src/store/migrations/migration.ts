import { type Kysely, PostgresAdapter } from 'kysely';

/** One migration of the schema. Append-only: a released migration is never edited. */
export interface Migration {
  /** Sorts after every earlier name. */
  readonly name: string;
  up(db: Kysely<never>): Promise<void>;
}

/** Returns true for a database on PostgreSQL. */
export function isPostgres(db: Pick<Kysely<never>, 'getExecutor'>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
