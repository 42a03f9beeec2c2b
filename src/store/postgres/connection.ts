import { createHash } from 'node:crypto';
import pg from 'pg';
import type { PostgresAddress } from './address.ts';
import { isConnectionLost, NotConnectedError } from './errors.ts';
import { type Asking, mustKeepProcess } from './pooler.ts';

/** Longest wait for a connection, ms. */
const CONNECT_MS = 5_000;
/** Longest wait for the answer to a statement, ms: a frozen server, or a cut cable, says nothing by itself. */
const ANSWER_MS = 10_000;
/**
 * Time after which the server ends a transaction whose process says nothing, ms. A process that was paused inside a
 * transaction would otherwise keep its locks, and nothing could take over from it.
 */
export const IDLE_IN_TRANSACTION_MS = 3_000;

/** Limits of a connection, ms; 0: none. */
export interface Limits {
  readonly answerMs: number;
  readonly idleInTransactionMs: number;
}

const usual: Limits = { answerMs: ANSWER_MS, idleInTransactionMs: IDLE_IN_TRANSACTION_MS };

/** Largest number of statements that have a name on the server; the same few hundred are used again and again. */
const MOST_NAMED = 500;
/** int8 and numeric: the server sends them as texts, because they may exceed a JavaScript number. Ours never do. */
const NUMBERS: ReadonlySet<number> = new Set([20, 1700]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: never) =>
    NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

export type Answer = Pick<pg.QueryResult<Record<string, unknown>>, 'rows' | 'rowCount' | 'command'>;

/** One connection to the server. After the first failure of the connection itself it is of no use. */
export interface Connection {
  readonly isBroken: boolean;
  /** Runs one statement. Throws the errors of the server and of the connection. */
  query(sql: string, parameters?: readonly unknown[]): Promise<Answer>;
  /** Runs several statements in one step, without parameters. */
  queries(sql: string): Promise<readonly Answer[]>;
  /** Runs one statement without parameters, whose rows come as lists of values. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** Calls back with the payload of each notification of a channel that was listened to. */
  onNotice(callback: (payload: string) => void): void;
  /** Runs a statement of another package, such as a COPY, and returns it. */
  submit<T extends pg.Submittable>(statement: T): T;
  /** Ends it at once, with what is under way. */
  cut(): void;
  /** Closes it in good order. */
  end(): Promise<void>;
}

/** Connects to the server. Throws a `NotConnectedError` if that fails. `purpose` is shown in `pg_stat_activity`. */
export async function connect(address: PostgresAddress, purpose: string, limits: Limits = usual): Promise<Connection> {
  const client = new pg.Client(settings(address, purpose, limits));
  let isBroken = false;
  const breakOff = () => {
    if (isBroken) return;
    isBroken = true;
    // A statement that hangs would keep `end` waiting.
    client.connection.stream.destroy();
  };
  // Without a listener such an error ends the process.
  client.on('error', breakOff);
  client.on('end', breakOff);
  try {
    const opened = await open(client);
    const other = () => open(new pg.Client(settings(address, purpose, limits)));
    await mustKeepProcess(opened, opened.promised, other, (each) => each.cut());
    await client.query(limitsText(limits));
  } catch (err) {
    breakOff();
    throw new NotConnectedError(err);
  }
  const names = new Map<string, string>();

  async function queryOn(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    if (isBroken) throw new Error('Connection terminated');
    try {
      const name = parameters.length === 0 ? undefined : nameOf(names, sql);
      return await client.query({
        ...(name === undefined ? {} : { name }),
        text: sql,
        values: parameters.map(clean),
      });
    } catch (err) {
      if (isConnectionLost(err)) breakOff();
      throw err;
    }
  }

  return {
    get isBroken() {
      return isBroken;
    },
    query: (sql, parameters = []) => queryOn(sql, parameters),
    queries: (sql) => queryOn(sql, []) as unknown as Promise<readonly Answer[]>,
    rows: async (sql) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows,
    onNotice: (callback) => void client.on('notification', ({ payload }) => callback(payload ?? '')),
    submit: (statement) => client.query(statement),
    cut: breakOff,
    async end() {
      if (isBroken) return;
      await client.end().catch(() => undefined);
    },
  };
}

interface Opened extends Asking {
  /** The process that the server named; null: none. */
  readonly promised: number | null;
  cut(): void;
}

async function open(client: pg.Client): Promise<Opened> {
  client.connection.prependListener('errorMessage', forgetRows);
  let promised: number | null = null;
  client.connection.once('backendKeyData', (message: { readonly processID: number }) => {
    promised = message.processID;
  });
  if (client.listenerCount('error') === 0) client.on('error', () => undefined);
  await client.connect();
  return {
    promised,
    process: async () => Number((await client.query('select pg_backend_pid() as id')).rows[0]?.id),
    cut: () => client.connection.stream.destroy(),
  };
}

/**
 * Takes out of an error of the server what may quote rows: they are of people, and an error goes into logs. The code, the message and
 * the names of table and constraint stay. https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
function forgetRows(error: { detail?: unknown; where?: unknown; internalQuery?: unknown }): void {
  delete error.detail;
  delete error.where;
  delete error.internalQuery;
}

/** Set by statements: a pool refuses them as parameters of a connection. */
function limitsText({ answerMs, idleInTransactionMs }: Limits): string {
  return `set statement_timeout = ${answerMs}; set idle_in_transaction_session_timeout = ${idleInTransactionMs}`;
}

function settings(address: PostgresAddress, purpose: string, limits: Limits): pg.ClientConfig {
  const { host, port, user, database, password, ssl } = address;
  return {
    ...{ host, port, user, database, types, ssl, keepAlive: true, application_name: `lookout ${purpose}` },
    ...(password === null ? {} : { password: () => password.reveal() }),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: limits.answerMs,
  };
}

/** Naming a statement halves the work of the server, which then parses and plans it once. */
function nameOf(names: Map<string, string>, sql: string): string | undefined {
  const known = names.get(sql);
  if (known !== undefined || names.size >= MOST_NAMED) return known;
  const name = createHash('sha1').update(sql).digest('base64url');
  names.set(sql, name);
  return name;
}

/** PostgreSQL refuses a NUL in a text (22021), which the name or the reason of a chat may hold. */
export function clean<T>(value: T): T | string {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}
