import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '../words.ts';

/** Time to wait for a lock of the running Lookout, ms. */
const PATIENCE_MS = 5_000;

/** Each part of the description with its query, which may fail on the database of another version. Nothing of events, people or messages. */
export const queries = {
  migrations: 'select name, timestamp from kysely_migration order by name',
  events: 'select origin, state, count(*) as number from events group by origin, state',
  deliveries:
    'select r.name as room, d.state, d.reason, count(*) as number, min(d.due_at) as oldest_due_at ' +
    "from deliveries d join rooms r on r.id = d.room_id where d.state in ('waiting', 'planned') group by r.name, d.state, d.reason limit 500",
  settled: 'select state, count(*) as number from deliveries group by state',
  sends:
    'select state, kind, count(*) as number, max(last_attempt_at) as last_attempt_at from sends group by state, kind',
  pending:
    'select s.id, r.name as room, s.subject, s.kind, s.attempts, s.first_attempt_at, s.last_attempt_at, s.reason ' +
    "from sends s join rooms r on r.id = s.room_id where s.state = 'pending' order by s.id limit 100",
  deadLetters:
    'select s.id, r.name as room, s.subject, s.kind, s.attempts, s.first_attempt_at, s.last_attempt_at, s.reason ' +
    "from sends s join rooms r on r.id = s.room_id where s.state = 'dead' order by s.id desc limit 100",
  failedEvents:
    "select id, subject, model, type, received_at, failure from events where state = 'failed' order by id desc limit 100",
  clock: 'select * from store_clock',
  gaps: 'select * from gaps order by id desc limit 100',
  rooms: 'select name, address, platform, resolved, configured from rooms order by id limit 500',
} as const;

/** Describes a database for a bug report, as far as it can be read. Changes and migrates nothing. Never throws. */
export function describeStore(file: string): Json {
  const sizes = Object.fromEntries(
    ['', '-wal'].map((end) => [`${file}${end}`, statSync(`${file}${end}`, { throwIfNoEntry: false })?.size ?? null]),
  );
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: PATIENCE_MS });
  } catch (error) {
    return { bytes: sizes, problem: textOf(error) };
  }
  const read = (query: string): Json => {
    try {
      return database.prepare(query).all() as unknown as Json;
    } catch (error) {
      return { problem: textOf(error) };
    }
  };
  const parts = Object.entries(queries).map(([name, query]) => [name, read(query)] as const);
  database.close();
  return { bytes: sizes, ...Object.fromEntries(parts) };
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
