import { it } from 'vitest';
import { isOnPostgres } from './statements.ts';

/**
 * Defines a test of something that SQLite alone has, such as its query plans. It is left out, not skipped, where the stores are on
 * PostgreSQL: end to end, a test that was skipped has failed. A suite needs another test, too.
 */
export function itOnSqlite(name: string, test: () => Promise<void>): void {
  if (!isOnPostgres()) it(name, test);
}
