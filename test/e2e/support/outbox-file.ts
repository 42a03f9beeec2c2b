import { DatabaseSync } from 'node:sqlite';

/** The progress of Lookout, read from its database file: nothing else tells when to kill it. */
export interface OutboxFile {
  /** Returns true if it is stored that a source is subscribed. */
  listens(): boolean;
  /** Returns the number of received events: stored with their deliveries. */
  events(): number;
  /** Returns the number of deliveries that no room has settled yet. */
  unsettled(): number;
  /** Returns the same for the room with this name in the configuration. */
  unsettledIn(room: string): number;
  /** Returns the changes made by commands, in words, oldest first. */
  changes(): readonly string[];
}

/** Opens the SQLite file `file` of `store` for reading, anew for each query, so that a killed process delays nothing. */
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
