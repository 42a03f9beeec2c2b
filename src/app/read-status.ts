import { waitingIn } from '../commands/room-rows.ts';
import type { StatusParts } from '../commands/status.ts';
import { listGaps } from '../inputs/gaps/gap-rows.ts';
import { sourceText } from '../inputs/source/state-text.ts';
import { accountTrouble } from '../outbox/send/account-state.ts';
import type { AccountId } from '../words.ts';
import type { SurfacesParts } from './build-surfaces.ts';
import type { AppOptions } from './options.ts';

/** Age of the gaps that `status` lists, ms. */
const GAPS_SHOWN_MS = 24 * 3_600_000;
const mostGapsShown = 5;

/** Returns the parts that say how Lookout and its rooms are at any moment. */
export function createStatusParts(options: AppOptions, parts: SurfacesParts): StatusParts {
  const { version, clock, config } = options;
  const { base, delivery, ingest, inputs } = parts;
  const { mutes, outbox } = delivery;
  const { source, lastEventAt } = inputs;
  const keeperOf = (account: AccountId) => outbox.accounts.find(({ id }) => id === account);
  return {
    waiting: (roomId) => waitingIn(base.db, roomId),
    holding: mutes.holding,
    status: () => ({
      source: sourceText(source.state, config.source.name),
      lastEventAt: lastEventAt(),
      events: ingest.pipeline.counts.received,
      version,
      trouble: (account) => {
        const keeper = keeperOf(account);
        return keeper === undefined ? null : accountTrouble(keeper.state);
      },
      refusal: (roomId) => outbox.workers.find(({ gate }) => gate.room.id === roomId)?.gate.broken?.reason ?? null,
      encryption: async (account, room) => (await keeperOf(account)?.adapter.describeEncryption(room)) ?? null,
      gaps: () => listGaps(base.db, clock.wall() - GAPS_SHOWN_MS, mostGapsShown),
    }),
  };
}
