import { waitingIn } from '../commands/room-rows.ts';
import type { StatusParts } from '../commands/status.ts';
import { listGaps } from '../inputs/gaps/gap-rows.ts';
import { accountTrouble, connectionTrouble } from '../outbox/send/account-state.ts';
import type { Database } from '../store/tables.ts';
import type { AccountId } from '../words.ts';
import type { SurfacesParts } from './build-surfaces.ts';
import type { AppOptions } from './options.ts';
import type { SourceFacts } from './share.ts';

/** Age of the gaps that `status` lists, ms. */
const GAPS_SHOWN_MS = 24 * 3_600_000;
const mostGapsShown = 5;

/** The facts while no process listens to the source. */
export const unknownSource: SourceFacts = { source: 'no process listens to it', lastEventAt: null, events: 0 };

/** Returns the gaps that `status` lists. `now`: Unix milliseconds. */
export const readGapsShown = (db: Database, now: number) => listGaps(db, now - GAPS_SHOWN_MS, mostGapsShown);

/** Returns the parts that say how Lookout and its rooms are at any moment. */
export function createStatusParts(
  options: AppOptions,
  { base, delivery, source }: Pick<SurfacesParts, 'base' | 'delivery' | 'source'>,
): StatusParts {
  const { version, clock } = options;
  const { mutes, outbox } = delivery;
  const keeperOf = (account: AccountId) => outbox.accounts.find(({ id }) => id === account);
  return {
    waiting: (roomId) => waitingIn(base.db, roomId),
    holding: mutes.holding,
    status: () => ({
      ...source(),
      version,
      fleet: base.share?.fleet() ?? [],
      trouble: (account) => {
        const keeper = keeperOf(account);
        return keeper === undefined ? null : accountTrouble(keeper.state);
      },
      connections: (account) => connectionTrouble(keeperOf(account)?.adapter.connections() ?? []),
      refusal: (roomId) => outbox.worker(roomId)?.gate.broken?.reason ?? null,
      encryption: async (account, room) => (await keeperOf(account)?.adapter.describeEncryption(room)) ?? null,
      gaps: () => readGapsShown(base.db, clock.wall()),
    }),
  };
}
