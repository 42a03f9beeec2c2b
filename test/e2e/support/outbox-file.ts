import { DatabaseSync } from 'node:sqlite';

/** How far Lookout is, read from its database file beside it: nothing else tells when to pull the plug. */
export interface OutboxFile {
  /** Events that are received: written down, with their deliveries. */
  events(): number;
  /** Deliveries that no room has settled yet. */
  unsettled(): number;
}

/** `file`: the SQLite file of `store`. It is opened for reading, for each question anew, so that a killed process holds nothing up. */
export function openOutboxFile(file: string): OutboxFile {
  const count = (query: string): number => {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return Number(database.prepare(query).get()?.n);
    } finally {
      database.close();
    }
  };
  return {
    events: () => count('SELECT count(*) AS n FROM events'),
    unsettled: () => count("SELECT count(*) AS n FROM deliveries WHERE state IN ('waiting', 'planned')"),
  };
}
