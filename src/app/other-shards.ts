import type { OtherShards } from '../adapters/shards.ts';
import type { Log } from '../log.ts';
import { deleteHeard, type HeardRow, loadHeard } from '../outbox/rows/heard.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId, Json } from '../words.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Share } from './share.ts';
import type { Note } from './signals.ts';
import { othersOf } from './units.ts';

/** Interval between two looks at what signals may not have told, ms, of an account that has other shards. */
const LOOK_EVERY_MS = 2_000;

export interface OtherShardsOptions {
  readonly account: AccountId;
  readonly share: Share;
  readonly db: Database;
  /** The store's clock. */
  readonly clock: Clock;
  readonly log: Log;
  /** Calls back with each signal of another unit. */
  readonly onNote: (listener: (note: Note) => void) => void;
}

/** The shards of an account that units of their own open, as the unit of the account sees them. */
export function createOtherShards(options: OtherShardsOptions, lifecycle: Lifecycle): OtherShards {
  const { account, share, db, clock, log, onNote } = options;
  let listener: ((heard: Json, ageMs: number) => void) | null = null;
  let cancel = () => {};
  let isStopped = false;
  let taking: Promise<void> = Promise.resolve();
  let isAsked = false;
  /** The messages that the listener was told, whose rows are still there. */
  const told = new Set<number>();

  async function take(): Promise<void> {
    isAsked = false;
    for (let isMore = true; isMore && listener !== null; ) {
      const rows = await loadHeard(db, account);
      tell(rows.filter(({ id }) => !told.has(id)));
      // If the process ends before, the next one tells them again: commands are recognized by their ids.
      await deleteHeard(db, [...told]);
      told.clear();
      isMore = rows.length > 0;
    }
  }

  /** Tells them until the listener goes away, and the rest has to wait for the next one. */
  function tell(rows: readonly HeardRow[]): void {
    for (const { id, content, at } of rows) {
      if (listener === null) return;
      listener(content, Math.max(0, clock.now() - at));
      told.add(id);
    }
  }

  /** Takes after the taking that is under way. Several requests meanwhile are one. */
  function look(): void {
    if (isAsked || isStopped) return;
    isAsked = true;
    taking = taking.then(take).catch((err: unknown) => {
      logFailure(log, err, { account }, 'could not read what shards heard; retrying in 2 s');
    });
  }

  function lookAgain(): void {
    if (!isStopped) cancel = clock.after(LOOK_EVERY_MS, () => lookAgain());
    look();
  }

  onNote(({ heard = [], all }) => {
    if (all === true || heard.includes(account)) look();
  });
  lifecycle.onStop(`what shards of ${account} heard`, async () => {
    isStopped = true;
    cancel();
    await taking;
  });
  return {
    want(count, hint) {
      share.shards.want(count, hint);
      cancel();
      if (count > 1) lookAgain();
    },
    connections: () =>
      othersOf(share.shards.wanted?.count ?? 1).map((shard) => ({
        name: `shard ${shard.id}`,
        isUp: share.shards.isUp(shard),
      })),
    listen(next) {
      listener = next;
      if (next !== null) look();
    },
  };
}
