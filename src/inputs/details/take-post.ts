import type { FetchedPost } from '../../catalogue/fetched-post.ts';
import type { Config } from '../../config/config.ts';
import type { KnownNames } from '../../ingest/details/known-names.ts';
import { releaseDetails } from '../../ingest/details/release-details.ts';
import { storeDetails } from '../../ingest/details/store-details.ts';
import { storeKnown } from '../../ingest/details/store-known.ts';
import { wantFlagsAt } from '../../ingest/details/want-details.ts';
import { askAgain, endWanted } from '../../ingest/details/wanted-details.ts';
import { firstHeardAt } from '../../ingest/first-heard.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import { releaseAnswered, releaseAwaiting } from '../../ingest/store-event.ts';
import type { Database } from '../../store/tables.ts';
import { readRows } from '../../subject-rows/post-parts.ts';
import type { Clock } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { Event } from '../../words.ts';
import { type Asked, flagsDueAt, isComplete, isNewPost, mayComeYet, rowsOf } from './post-answer.ts';

export interface TakePostOptions {
  readonly config: Pick<Config, 'source' | 'catalogue'>;
  readonly db: Database;
  readonly pipeline: Pick<Pipeline, 'receive' | 'idle'>;
  readonly names: Pick<KnownNames, 'siteOf'>;
  /** Called with the rooms that have a message to redraw. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
}

/**
 * Stores the fetched details of a post. A post that was never received, and is not older than what is fetched after a
 * gap or than the first start, is received now. `began`: time of the request, Unix milliseconds.
 */
export async function takePost(
  options: TakePostOptions,
  { post, asked, began }: { readonly post: FetchedPost; readonly asked: Asked; readonly began: number },
  signal: AbortSignal,
): Promise<void> {
  const { config, db, pipeline, wake, clock } = options;
  const { wanted, rows } = asked;
  const firstAt = await firstHeardAt(db, config.source.name, clock.wall());
  const isNew = isNewPost(post, asked, Math.max(clock.wall() - config.source.backfillMaxAgeMs, firstAt ?? 0));
  // Its messages would stand before it.
  const isExpected = !isNew && mayComeYet(post, asked, clock.wall());
  if (isNew) {
    const model = config.catalogue.ofRole('report');
    if (model !== undefined) pipeline.receive(config.source.kind.messageOf('create', model, post.row), 'backfilled');
    await unlessStopped(pipeline.idle(), signal, undefined);
    if (signal.aborted) return;
  }
  const events = eventsOf(options, rowsOf(post, rows, began)).filter(({ subject }) => subject === wanted.subject);
  const rooms = await db.transaction().execute(async (trx) => {
    const now = clock.now();
    const changed = await storeKnown(trx, events, now);
    // A flag may have come since the request left.
    const flags = await readRows(trx, wanted.subject, ['flag']);
    const shown = await storeDetails(trx, wanted.subject, { post, flags, began }, now);
    if (isComplete(post, wanted, { flags, began })) {
      await endWanted(trx, wanted);
      const dueAt = flagsDueAt(post, wanted, { flags, began });
      if (dueAt !== null) await wantFlagsAt(trx, wanted.subject, { dueAt, now });
    } else await askAgain(trx, wanted, { now, why: post.isWhole ? 'not there yet' : 'failed' });
    const release = isExpected ? releaseAnswered : releaseAwaiting;
    const posts = await release(trx, wanted.subject, now);
    return [...changed, ...shown, ...posts, ...(await releaseDetails(trx, wanted.subject, now))];
  });
  wake(rooms);
}

function eventsOf({ config, names, clock }: TakePostOptions, rows: ReturnType<typeof rowsOf>): readonly Event[] {
  const { source, catalogue } = config;
  const siteOf = (id: number) => names.siteOf(id);
  return rows.flatMap(({ role, object }) => {
    const model = catalogue.ofRole(role);
    if (model === undefined) return [];
    const message = source.kind.messageOf('update', model, object);
    const context = { source: source.name, receivedAt: clock.now(), origin: 'backfilled', catalogue, siteOf } as const;
    const decoded = source.kind.decode(message, context);
    return decoded.outcome === 'event' ? [decoded.event] : [];
  });
}
