import { safeguards } from '../../src/app/safeguards.ts';
import { KnownNames } from '../../src/ingest/details/known-names.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from '../../src/ingest/pipeline.ts';
import { createIngestQueue } from '../../src/ingest/queue.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { metasmoke } from '../../src/metasmoke/metasmoke.ts';
import { createRouter } from '../../src/router/router.ts';
import { createEventCache } from '../../src/store/event-cache.ts';
import type { Store } from '../../src/store/open-store.ts';
import type { Clock } from '../../src/time/clock.ts';

const catalogue = createCatalogue();

/** A pipeline over a store; what a test does not name is what most tests want. */
export function createTestPipeline(
  { db }: Pick<Store, 'db'>,
  clock: Clock,
  options: Partial<PipelineOptions> = {},
): Pipeline {
  return createPipeline({
    db,
    events: createEventCache(db),
    source: 'metasmoke',
    kind: metasmoke,
    catalogue,
    router: createRouter([], catalogue),
    priority: () => [],
    quotaBelow: () => 1_000,
    newestPost: 0,
    hasApi: () => false,
    masked: () => new Set(),
    pace: { isQuick: false },
    roomId: () => undefined,
    wake: () => {},
    names: new KnownNames(catalogue),
    queue: createIngestQueue(),
    clock,
    log: silentLog,
    safeguards,
    ...options,
  });
}
