import { type Clock, sleep } from '../../time/clock.ts';
import { type Connection, IDLE_IN_TRANSACTION_MS } from './connection.ts';
import { isConnectionLost } from './errors.ts';

/** Longest wait until the server knows how a transaction ended, ms: it ends one whose connection is gone. */
const PATIENCE_MS = IDLE_IN_TRANSACTION_MS + 2_000;
/** Interval between two questions, ms. */
const ASK_EVERY_MS = 100;

/** Begins a transaction, and returns its id. Throws if this process may not write any more. */
export type Begin = (connection: Connection) => Promise<string>;

/** Reads the id of the transaction that is open, as a part of the statements that begin it. */
export const transactionId = 'pg_current_xact_id()::text as id';

/** Begins a transaction with a statement that returns the transaction's id. */
export async function beginWith(connection: Connection, statement = `select ${transactionId}`): Promise<string> {
  const answers = await connection.queries(`begin; ${statement}`);
  return String(answers[1]?.rows[0]?.id);
}

export interface OpenTransaction {
  readonly connection: Connection;
  readonly id: string;
}

/**
 * Commits. If the connection ends before the answer comes, the server is asked how the transaction ended: what was stored would
 * otherwise be stored again. Throws the error of the connection if it was not, or if that stays unknown.
 */
export async function commitOn(
  { connection, id }: OpenTransaction,
  clock: Clock,
  reconnect: () => Promise<Connection>,
): Promise<void> {
  try {
    const { command } = await connection.query('commit');
    // The answer if a statement before it failed and nothing said so.
    if (command === 'ROLLBACK') throw new Error('the transaction was rolled back');
  } catch (err) {
    if (!isConnectionLost(err) || !(await isCommitted(id, clock, reconnect))) throw err;
  }
}

/** https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT */
async function isCommitted(id: string, clock: Clock, reconnect: () => Promise<Connection>): Promise<boolean> {
  try {
    for (const giveUpAt = clock.monotonic() + PATIENCE_MS; clock.monotonic() < giveUpAt; ) {
      const { rows } = await (await reconnect()).query('select pg_xact_status($1::xid8) as status', [id]);
      if (rows[0]?.status !== 'in progress') return rows[0]?.status === 'committed';
      await sleep(clock, ASK_EVERY_MS);
    }
  } catch {
    // The server is away, or another one took its place that does not know the transaction.
  }
  return false;
}
