import { it } from 'vitest';
import { isOnPostgres } from './statements.ts';

/** Defines a test of something that SQLite alone has, such as its query plans: it is skipped where the stores are on PostgreSQL. */
export function itOnSqlite(name: string, test: () => Promise<void>): void {
  it.skipIf(isOnPostgres())(name, test);
}
