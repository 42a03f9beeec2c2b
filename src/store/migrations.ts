import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { outboxMigration } from './migrations/0001-outbox.ts';
import { subjectOrderMigration } from './migrations/0002-subject-order.ts';
import { commandsMigration } from './migrations/0003-commands.ts';
import { wavesMigration } from './migrations/0004-waves.ts';
import { gapsMigration } from './migrations/0005-gaps.ts';
import { highWaterMigration } from './migrations/0006-high-water.ts';
import { cardsMigration } from './migrations/0007-cards.ts';
import { sourcesMigration } from './migrations/0008-sources.ts';
import { derivedMigration } from './migrations/0009-derived.ts';
import { heardUntilMigration } from './migrations/0010-heard-until.ts';
import { doorsMigration } from './migrations/0011-doors.ts';
import { boundsMigration } from './migrations/0012-bounds.ts';
import { floodMigration } from './migrations/0013-flood.ts';
import { cardColumnsMigration } from './migrations/0014-card-columns.ts';
import { rolesMigration } from './migrations/0015-roles.ts';
import { quietHoursMigration } from './migrations/0016-quiet-hours.ts';
import { ghostsMigration } from './migrations/0017-ghosts.ts';
import { postLinksMigration } from './migrations/0018-post-links.ts';
import { repeatsMigration } from './migrations/0019-repeats.ts';
import { userNamesMigration } from './migrations/0020-user-names.ts';
import { reportDetailsMigration } from './migrations/0021-report-details.ts';
import { credentialsMigration } from './migrations/0022-credentials.ts';
import { peopleMigration } from './migrations/0023-people.ts';
import { greetingsMigration } from './migrations/0024-greetings.ts';
import { subjectMessagesMigration } from './migrations/0025-subject-messages.ts';
import { encryptionMigration } from './migrations/0026-encryption.ts';
import { eventColumnsMigration } from './migrations/0030-event-columns.ts';
import { commandChangesMigration } from './migrations/0031-command-changes.ts';
import { accountsMigration } from './migrations/0033-accounts.ts';
import { storeClockMigration } from './migrations/0034-store-clock.ts';
import { heardMigration } from './migrations/0035-heard.ts';
import { fittingIndexesMigration } from './migrations/0036-fitting-indexes.ts';
import type { Migration } from './migrations/migration.ts';
import { NewerDatabaseError } from './store-errors.ts';
import type { Database } from './tables.ts';

/** All migrations, oldest first. */
export const migrations: readonly Migration[] = [
  outboxMigration,
  subjectOrderMigration,
  commandsMigration,
  wavesMigration,
  gapsMigration,
  highWaterMigration,
  cardsMigration,
  sourcesMigration,
  derivedMigration,
  heardUntilMigration,
  doorsMigration,
  boundsMigration,
  floodMigration,
  cardColumnsMigration,
  rolesMigration,
  quietHoursMigration,
  ghostsMigration,
  postLinksMigration,
  repeatsMigration,
  userNamesMigration,
  reportDetailsMigration,
  credentialsMigration,
  peopleMigration,
  greetingsMigration,
  subjectMessagesMigration,
  encryptionMigration,
  eventColumnsMigration,
  commandChangesMigration,
  accountsMigration,
  storeClockMigration,
  heardMigration,
  fittingIndexesMigration,
];

/** The newest migration of a database before and after it was opened; null: it was new. */
export interface SchemaChange {
  readonly before: string | null;
  readonly now: string;
}

/**
 * Updates the database to the newest schema, and returns what it had and has. Throws `NewerDatabaseError`, before any change, if a later version of
 * Lookout has written to it.
 */
export async function migrate(db: Database, file: string): Promise<SchemaChange> {
  const known = new Set(migrations.map((m) => m.name));
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(migrations.map((m) => [m.name, m])) },
  });
  const executed = await executedNames(db);
  const unknown = executed.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new NewerDatabaseError(file, unknown);
  const change = { before: executed.toSorted().at(-1) ?? null, now: migrations.at(-1)?.name ?? '' };
  // Its lock would let the units of all processes wait for each other at their starts.
  if (executed.length === migrations.length) return change;
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
  return change;
}

async function executedNames(db: Database): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const journal = db as unknown as Kysely<{ kysely_migration: { name: string } }>;
  return (await journal.selectFrom('kysely_migration').select('name').execute()).map((row) => row.name);
}
