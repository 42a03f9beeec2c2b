import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Log } from './log.ts';
import { createMetasmokeApi } from './metasmoke/api/client.ts';
import { createListRows } from './metasmoke/api/list-rows.ts';
import { endCatchUp, lastReceivedAt, newestBefore } from './outbox/enqueue.ts';
import type { Pipeline } from './pipeline.ts';
import type { Router } from './router/router.ts';
import { createBackfill } from './source/backfill.ts';
import type { Database } from './store/tables.ts';

/** What was missed waits for the rest of it at most so long, in milliseconds: also over a crash in between. */
const CATCH_UP_MS = 60_000;

export interface MissedOptions {
  readonly config: Config;
  readonly db: Database;
  readonly router: Router;
  readonly pipeline: Pipeline;
  /** These rooms have something to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is done about events that the source could not tell us. */
export interface Missed {
  /** The source tells us again: what happened while nobody ran is fetched. */
  beforeStart(): void;
  /** Something may have been missed since then, Unix milliseconds. */
  since(from: number): void;
  stop(): Promise<void>;
}

/** Fetches what was missed where the configuration names the API; else nothing can be done. */
export async function createMissed({ config, db, router, pipeline, wake, clock, log }: MissedOptions): Promise<Missed> {
  const { api, key, name, backfillMaxAgeMs: maxAgeMs, digestAfterMs } = config.source;
  if (api === null || key === null) return { beforeStart() {}, since() {}, stop: async () => {} };
  const lastAt = await lastReceivedAt(db, name);
  const client = createMetasmokeApi({ api, key, clock });
  const listRows = createListRows(client, (reason) =>
    log.warn({ reason }, `the API does not say which fields it has (${reason}): what is fetched has few`),
  );
  const backfill = createBackfill({
    listRows,
    catalogue: config.catalogue,
    wanted: () => router.union,
    newestBefore: (model, before) => newestBefore(db, { source: name, model }, before),
    async receive(messages, missedSince) {
      const catchUp = missedSince === null ? null : { from: missedSince, until: clock.now() + CATCH_UP_MS };
      for (const message of messages) pipeline.receive(message, 'backfilled', catchUp);
      await pipeline.idle();
      if (catchUp !== null) wake(await endCatchUp(db, catchUp.from, clock.now()));
    },
    maxAgeMs,
    digestAfterMs,
    clock,
    log,
  });
  return {
    beforeStart() {
      if (lastAt !== null) backfill.recover(lastAt);
    },
    since: (from) => backfill.recover(from),
    async stop() {
      client.close();
      await backfill.stop();
    },
  };
}
