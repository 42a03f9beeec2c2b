import { DatabaseSync } from 'node:sqlite';

/** How far Lookout is, read from its database file beside it: nothing else tells when to pull the plug. */
export interface OutboxFile {
  /** Whether it is written down that a source is listened to. */
  listens(): boolean;
  /** Events that are received: written down, with their deliveries. */
  events(): number;
  /** Deliveries that no room has settled yet. */
  unsettled(): number;
  /** The same of the room that the configuration calls so. */
  unsettledIn(room: string): number;
  /** What was changed by commands, in words, oldest first. */
  changes(): readonly string[];
}

/** `file`: the SQLite file of `store`. It is opened for reading, for each question anew, so that a killed process holds nothing up. */
export function openOutboxFile(file: string): OutboxFile {
  const rows = (query: string) => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      return database.prepare(query).all();
    } finally {
      database.close();
    }
  };
  const count = (query: string): number => Number(rows(query)[0]?.n);
  return {
    listens: () => count('SELECT count(*) AS n FROM sources') > 0,
    events: () => count('SELECT count(*) AS n FROM events'),
    unsettled: () => count("SELECT count(*) AS n FROM deliveries WHERE state IN ('waiting', 'planned')"),
    unsettledIn: (room) =>
      count(
        `SELECT count(*) AS n FROM deliveries WHERE state IN ('waiting', 'planned') AND room_id = (SELECT id FROM rooms WHERE name = '${room}')`,
      ),
    changes: () => rows('SELECT what FROM audit ORDER BY id').map(({ what }) => String(what)),
  };
}
