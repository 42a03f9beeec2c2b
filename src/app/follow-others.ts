import { formatEventSpec } from '../catalogue/event-spec.ts';
import { parkWithoutAccount } from '../outbox/rows/rooms.ts';
import { listStoredSubscriptions } from '../rooms/stored-subscriptions.ts';
import { readChangeVersion } from '../store/change-version.ts';
import { logFailure } from '../store/log-failure.ts';
import { sleep } from '../time/clock.ts';
import type { RoomsInEffect } from './apply-rooms.ts';
import { type Base, readAddresses } from './build-base.ts';
import type { Ingest } from './build-ingest.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { AppOptions } from './options.ts';
import { isLeader, roomsWithWorkOf } from './share.ts';
import { accountsInUse } from './units.ts';

/** Interval between two looks at what signals may not have told, ms. */
const LOOK_EVERY_MS = 10_000;

export interface FollowParts {
  readonly base: Base;
  readonly ingest: Pick<Ingest, 'live' | 'names'>;
  readonly rooms: Pick<RoomsInEffect, 'beginMissing'>;
  /** Requests these events from the source from now on, an event spec. */
  readonly ask: (events: string) => void;
}

/** A share of the work that follows what the others change. */
export interface Following {
  /** The version of what commands changed that this share acts by. */
  version(): number;
}

/**
 * Reads anew what other shares of the work change: the subscriptions and rooms that commands made. The leader says so when it acts by
 * them. Looks also by itself, since a signal may be lost.
 */
export function followOthers(options: AppOptions, parts: FollowParts, lifecycle: Lifecycle): Following {
  const { clock, log, platforms } = options;
  const { base, ingest, rooms, ask } = parts;
  const { db, directory, signals, share } = base;
  const stopping = new AbortController();
  let version = 0;
  let reading: Promise<void> = Promise.resolve();
  let isAsked = false;

  async function read(): Promise<void> {
    isAsked = false;
    const now = await readChangeVersion(db);
    if (now !== version) {
      const stored = await listStoredSubscriptions(db);
      // An event of a subscription finds its room.
      if (stored.some(({ address }) => directory.roomId(address) === undefined)) await readAddresses(db, directory);
      ingest.live.replaceStored(stored);
      await ingest.names.load(db);
      if (isLeader(share)) ask(formatEventSpec(ingest.live.router.union));
      version = now;
    }
    if (isLeader(share)) signals?.tell({ read: version });
    else if (!stopping.signal.aborted) await rooms.beginMissing();
  }

  /** Reads after the reading that is under way. Several requests meanwhile are one. */
  function look(): void {
    if (isAsked || stopping.signal.aborted) return;
    isAsked = true;
    reading = reading.then(read).catch((err: unknown) => {
      logFailure(log, err, {}, 'could not read what commands in other processes changed; retrying in 10 s');
    });
  }

  async function wakeAll(): Promise<void> {
    try {
      // Later ones are due after the next look.
      directory.wakeHere(await roomsWithWorkOf(db, share, clock.now() + LOOK_EVERY_MS));
    } catch (err) {
      logFailure(log, err, {}, 'could not look for rooms with work; retrying in 10 s');
    }
  }

  /** Another process may still have the account in an older configuration: then its rooms stay. */
  async function parkWithoutAccounts(): Promise<void> {
    if (share?.isAgreed() !== true) return;
    const accounts = new Set(accountsInUse(base.config(), platforms));
    try {
      await parkWithoutAccount(db, ({ account }) => accounts.has(account));
    } catch (err) {
      logFailure(log, err, {}, 'could not park the rooms of accounts that are gone; retrying in 10 s');
    }
  }

  async function lookNowAndThen(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(clock, LOOK_EVERY_MS, stopping.signal)) {
      look();
      if (share?.account === null) await parkWithoutAccounts();
      else await wakeAll();
    }
  }

  base.onNote(({ changed, all }) => {
    if (changed !== undefined || all) look();
    if (all && share?.account !== null) void wakeAll();
  });
  const looking = lookNowAndThen();
  lifecycle.onDrain('the look at other processes', async () => {
    stopping.abort();
    await Promise.all([looking, reading]);
  });
  return { version: () => version };
}
