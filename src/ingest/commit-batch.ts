import type { Log } from '../log.ts';
import type { Database } from '../store/tables.ts';
import { troubleOf } from '../store/trouble.ts';
import { eventRowOf, insertEvents } from './event-rows.ts';
import type { NewEvent } from './new-event.ts';
import { failedEvent } from './prepare.ts';
import { type StoreBatchOptions, type StoredBatch, storeBatch } from './store-batch.ts';

export interface CommitBatchOptions extends StoreBatchOptions {
  readonly db: Database;
  readonly log: Log;
  /** Called when our own code failed on an event. */
  readonly onFailed: () => void;
}

/** The outcome of those events of a batch that come next in it. */
export interface Committed extends StoredBatch {
  /** Number of events of the batch that these are. */
  readonly taken: number;
}

/**
 * Writes a batch in one transaction, and returns the outcome. If our own code fails on one of its events, the others are written
 * without it, and it is stored as a failed event with the error: the operator can see it and retry it. Throws only errors of the
 * database: then the rest of the batch may be tried again.
 */
export async function* commitBatch(batch: readonly NewEvent[], options: CommitBatchOptions): AsyncGenerator<Committed> {
  try {
    const done = await options.db.transaction().execute((trx) => storeBatch(trx, batch, options));
    yield { ...done, taken: batch.length };
  } catch (err) {
    if (troubleOf(err) !== null) throw err;
    const [only] = batch;
    if (batch.length > 1) {
      const half = Math.ceil(batch.length / 2);
      yield* commitBatch(batch.slice(0, half), options);
      yield* commitBatch(batch.slice(half), options);
    } else if (only !== undefined) yield await storeFailed(only, err, options);
  }
}

async function storeFailed(item: NewEvent, error: unknown, options: CommitBatchOptions): Promise<Committed> {
  const { event } = item;
  options.onFailed();
  options.log.error(
    { subject: event.subject, model: event.model, err: error },
    `${event.model}#${event.type} ${event.subject} could not be written; it is kept as a failed event, \`lookout outbox\` lists it`,
  );
  const failed = { ...failedEvent(event, null, error), identity: item.identity };
  // The cause of the failure may be the row, or its identity.
  const attempts = [
    failed,
    { ...failed, identity: { key: null, forgetAfterMs: null } },
    { ...failed, identity: { key: null, forgetAfterMs: null }, event: { ...event, object: {}, updatedAt: null } },
  ];
  for (const attempt of attempts) {
    try {
      const rows = [eventRowOf(attempt)];
      const [row] = await options.db.transaction().execute((trx) => insertEvents.all(trx, rows));
      const stored = row === undefined ? [] : [{ id: row.id, item: attempt }];
      return { stored, moved: [], rooms: new Set(), duplicates: row === undefined ? 1 : 0, taken: 1 };
    } catch (err) {
      if (troubleOf(err) !== null) throw err;
    }
  }
  // Not even a row of constants can be written: the store is at fault, whatever its error says.
  throw error;
}
