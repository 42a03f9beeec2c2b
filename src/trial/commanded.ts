import type { StoreConfig } from '../config/config.ts';
import { openExisting } from '../store/open-place.ts';
import { mayExist } from '../store/place.ts';
import type { Database } from '../store/tables.ts';

/** Copies what people changed by commands into an empty store. */
export interface Commanded {
  readonly counts: { readonly subscriptions: number; readonly mutes: number; readonly quiet: number };
  readonly copyTo: (db: Database) => Promise<void>;
}

/** Reads the subscriptions, mutes and quiet hours that were made by commands. Returns null if there is no store yet. */
export async function readCommanded(config: StoreConfig): Promise<Commanded | null> {
  if (config.kind === 'memory' || !mayExist(config)) return null;
  const store = await openExisting(config);
  try {
    const { db } = store;
    const rooms = await db.selectFrom('rooms').selectAll().execute();
    const subscriptions = await db.selectFrom('subscriptions').selectAll().orderBy('seq').execute();
    const mutes = await db.selectFrom('mutes').selectAll().where('ended_at', 'is', null).orderBy('id').execute();
    const quiet = await db.selectFrom('quiet_hours').selectAll().orderBy('id').execute();
    return {
      counts: { subscriptions: subscriptions.length, mutes: mutes.length, quiet: quiet.length },
      async copyTo(empty) {
        // An address is not resolved in a trial.
        for (const room of rooms)
          await empty
            .insertInto('rooms')
            .values({ ...room, key: room.address, resolved: null })
            .execute();
        for (const row of subscriptions) await empty.insertInto('subscriptions').values(row).execute();
        for (const row of mutes) await empty.insertInto('mutes').values(row).execute();
        for (const row of quiet) await empty.insertInto('quiet_hours').values(row).execute();
      },
    };
  } finally {
    await store.close();
  }
}
