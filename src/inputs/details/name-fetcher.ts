import type { DetailsReader } from '../../catalogue/source-api.ts';
import type { KnownNames } from '../../ingest/details/known-names.ts';
import { storeSites, storeUserNames } from '../../ingest/details/store-details.ts';
import { askAgain, endWanted, type Wanted } from '../../ingest/details/wanted-details.ts';
import { releaseAwaitingNames } from '../../ingest/store-event.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';

export interface NameFetcherOptions {
  readonly db: Database;
  readonly reader: Pick<DetailsReader, 'fetchNames'>;
  readonly names: Pick<KnownNames, 'noteUser' | 'noteSite'>;
  /** Called with the rooms that have a message to send. */
  readonly wake: (roomIds: Iterable<number>) => void;
  readonly clock: Clock;
}

/** Fetches the names of users and sites that messages wait for. */
export class NameFetcher {
  readonly #options: NameFetcherOptions;

  constructor(options: NameFetcherOptions) {
    this.#options = options;
  }

  async ask(wanted: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { db, reader, names, wake, clock } = this.#options;
    const idsOf = (kind: string) =>
      wanted.flatMap(({ subject }) => (subject.startsWith(`${kind}:`) ? [subject.slice(kind.length + 1)] : []));
    const asked = { users: idsOf('user'), sites: idsOf('site') };
    const fetched = await reader.fetchNames(asked, signal);
    if (signal.aborted) return;
    if (typeof fetched === 'string') {
      for (const one of wanted) await askAgain(db, one, { now: clock.now(), why: 'failed' });
      return;
    }
    const { users, rooms } = await db.transaction().execute(async (trx) => {
      const stored = await storeUserNames(trx, asked.users, fetched.users);
      await storeSites(trx, fetched.sites, clock.now());
      for (const one of wanted) await endWanted(trx, one);
      return { users: stored, rooms: await releaseAwaitingNames(trx, clock.now()) };
    });
    for (const user of users) names.noteUser(user);
    const sites = new Map(fetched.sites.map((site) => [String(site.id), site]));
    for (const id of asked.sites) names.noteSite(sites.get(id) ?? { id: Number(id), name: '', domain: null });
    wake(rooms);
  }
}
