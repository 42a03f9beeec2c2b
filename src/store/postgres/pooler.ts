import { PoolerError } from './errors.ts';

/**
 * Number of transactions after each of which another connection could have the server's process. A busy pool that gives one of
 * five at random looks like a connection of our own in 4 of 25 rounds; in all ten of them once in 90 million.
 */
const ROUNDS = 10;

/** A connection that can ask which process of the server answers it. */
export interface Asking {
  /** Returns the id of the server's process that answers, in a transaction of its own. */
  process(): Promise<number>;
}

/**
 * Makes sure that a connection keeps its process of the server between two transactions, as settings and named statements need it.
 * `promised`: the process that the server named when the connection was made; null: none. A connection pool names one of its
 * own invention, and only then another connection is opened: a pool that works by transaction gives it a process that is idle,
 * the first one's, or gives the first one another. Throws a `PoolerError`.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html (BackendKeyData), https://www.pgbouncer.org/features.html
 */
export async function mustKeepProcess<C extends Asking>(
  own: Asking,
  promised: number | null,
  open: () => Promise<C>,
  close: (other: C) => void,
): Promise<void> {
  const first = await own.process();
  if (first === promised) return;
  const other = await open();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const others = await other.process().catch((err: unknown) => {
        throw new PoolerError('has no second connection for this process, which needs several', err);
      });
      if (others === first) throw pooled(`process ${first} of the server answered two connections in turn`);
      const now = await own.process();
      if (now !== first) throw pooled(`process ${first} of the server answered one transaction, ${now} the next`);
    }
  } finally {
    close(other);
  }
}

const pooled = (seen: string) => new PoolerError(`pools transactions: ${seen}`);
