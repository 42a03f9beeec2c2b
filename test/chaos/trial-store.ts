import { DatabaseSync } from 'node:sqlite';
import { openPostgres } from '../../src/store/postgres/open-postgres.ts';
import { takeLease } from '../../src/store/postgres/take-lease.ts';
import { systemClock } from '../../src/time/clock.ts';
import { type PostgresServer, startPostgres } from '../support/postgres/server.ts';

/** Lookout's database in a trial, read beside Lookout. */
export interface TrialStore {
  /** Returns the rows of a query that both kinds of databases understand. */
  all<T>(query: string): Promise<readonly T[]>;
  /** Returns true if it is stored that a source is subscribed. */
  listens(): Promise<boolean>;
  /** Returns the number of deliveries that no room has settled yet. */
  unsettled(): Promise<number>;
  /** Returns the instants that the server alone knows; null: the database is of one process, which knows them. */
  instants(): Promise<Instants | null>;
}

/** When what several processes share could be seen by each of them, by the clock of this machine, Unix milliseconds. */
export interface Instants {
  /** Commit of each event, by its id. */
  readonly stored: ReadonlyMap<number, number>;
  /** Begin of the last transaction that planned each delivery, by `<address of the room> <id of the event>`. */
  readonly planned: ReadonlyMap<string, number>;
}

function storeOf(all: TrialStore['all']): TrialStore {
  const count = async (query: string) => Number((await all<{ n: number }>(query))[0]?.n);
  return {
    all,
    listens: async () => (await count('select count(*) as n from sources')) > 0,
    unsettled: () => count("select count(*) as n from deliveries where state in ('waiting', 'planned')"),
    instants: async () => null,
  };
}

/** Reads a SQLite file, opened anew for each query, so that a killed process delays nothing. */
export function sqliteStore(file: string): TrialStore {
  return storeOf(async <T>(query: string) => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    try {
      return database.prepare(query).all() as T[];
    } finally {
      database.close();
    }
  });
}

/** A change of hands of the lease of a unit, by the clock of this machine. */
export interface HandOver {
  readonly unit: string;
  readonly epoch: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** One database of a trial on a server that other trials do not share at the same time. */
export interface TrialDatabase extends TrialStore {
  readonly server: PostgresServer;
  readonly name: string;
  /** Every change of hands of the lease, oldest first. */
  handOvers(): Promise<readonly HandOver[]>;
}

/** Real PostgreSQL servers for one trial after the other. */
export interface TrialDatabases {
  open(): Promise<TrialDatabase>;
  stop(): Promise<void>;
}

const template = 'chaos_template';

/**
 * Writes down each change of hands, and when events and plans were stored: the server alone knows when it happened. A deferred
 * trigger runs at the commit.
 */
const history = `
  create table hand_overs (unit text not null, epoch bigint not null, at double precision not null);
  create function note_hand_over() returns trigger language plpgsql as $$ begin
    insert into hand_overs values (new.unit, new.epoch, extract(epoch from clock_timestamp()) * 1000);
    return null;
  end $$;
  create trigger first_hand after insert on leases for each row execute function note_hand_over();
  create trigger hand_over after update on leases for each row when (new.epoch <> old.epoch)
    execute function note_hand_over();
  create table stored_at (event_id bigint not null, at double precision not null);
  create function note_stored() returns trigger language plpgsql as $$ begin
    insert into stored_at values (new.id, extract(epoch from clock_timestamp()) * 1000);
    return null;
  end $$;
  create constraint trigger stored after insert on events deferrable initially deferred
    for each row execute function note_stored();
  create table planned_at (room_id bigint not null, event_id bigint not null, at double precision not null);
  create function note_planned() returns trigger language plpgsql as $$ begin
    insert into planned_at values (new.room_id, new.event_id, extract(epoch from transaction_timestamp()) * 1000);
    return null;
  end $$;
  create trigger planned after update on deliveries for each row
    when (new.state = 'planned' and old.state <> 'planned') execute function note_planned();`;

/** Starts a server with a database of which those of the trials are copies. */
export async function startTrialDatabases(): Promise<TrialDatabases> {
  const server = await startPostgres();
  await server.run(`create database ${template}`);
  const address = server.address(template);
  const hurry = new AbortController().signal;
  await (await openPostgres({ address, purpose: 'chaos', clock: systemClock, hurry, watch: null })).close();
  const lease = await takeLease({ address, clock: systemClock });
  if ('heldBy' in lease) throw new Error(`a new database is in use by ${lease.heldBy}`);
  await lease.release();
  await server.run(history, template);
  let opened = 0;
  return {
    async open() {
      const name = `chaos_${++opened}`;
      await server.run(`create database ${name} template ${template}`);
      const all = async <T>(query: string) => (await server.run(query, name)) as readonly T[];
      return {
        ...storeOf(all),
        ...{ server, name },
        instants: () => readInstants(all),
        handOvers: () => all<HandOver>('select unit, epoch, at from hand_overs order by at'),
      };
    },
    stop: () => server.stop(),
  };
}

async function readInstants(all: TrialStore['all']): Promise<Instants> {
  const stored = await all<{ event_id: number; at: number }>('select event_id, at from stored_at');
  const planned = await all<{ address: string; event_id: number; at: number }>(
    'select address, event_id, max(at) as at from planned_at join rooms on rooms.id = room_id group by address, event_id',
  );
  return {
    stored: new Map(stored.map(({ event_id, at }) => [event_id, at])),
    planned: new Map(planned.map(({ address, event_id, at }) => [`${address} ${event_id}`, at])),
  };
}
