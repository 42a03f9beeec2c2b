import { DatabaseSync } from 'node:sqlite';
import type { EventObject, SentType } from '../../../src/words.ts';
import { markOf } from './oracle.ts';
import type { WireEvent } from './rails-server.ts';
import type { Recorded } from './recorder.ts';
import type { RoomOfOutbox } from './room-faults.ts';

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
  /** Returns the events in the order and at the times in which Lookout received them. */
  heard(): readonly Recorded[];
  /** Returns the time of the last attempt of each event's message in a room, by the event's mark, Unix milliseconds. */
  begun(room: RoomOfOutbox): ReadonlyMap<string, number>;
}

interface EventRow {
  readonly class: string;
  readonly type: SentType;
  readonly object: string;
}

const wireOf = (row: EventRow): WireEvent => ({
  event_class: row.class,
  event_type: row.type,
  object: JSON.parse(row.object) as EventObject,
});

/** Opens the SQLite file `file` of `store` for reading, anew for each query, so that a killed process delays nothing. */
export function openOutboxFile(file: string): OutboxFile {
  const rows = <T = Readonly<Record<string, unknown>>>(query: string) => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      return database.prepare(query).all() as T[];
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
    heard: () =>
      rows<EventRow & { at: number }>('SELECT class, type, object, received_at AS at FROM events ORDER BY id').map(
        (row) => ({ event: wireOf(row), at: row.at }),
      ),
    begun: ({ platform, name }) =>
      new Map(
        rows<EventRow & { at: number }>(
          `SELECT class, type, object, last_attempt_at AS at FROM deliveries d JOIN events e ON e.id = d.event_id
           JOIN rooms r ON r.id = d.room_id
           WHERE r.address LIKE '${platform}:%' AND r.name LIKE '${name}%' AND last_attempt_at IS NOT NULL`,
        ).map((row) => [markOf(wireOf(row)), row.at]),
      ),
  };
}
