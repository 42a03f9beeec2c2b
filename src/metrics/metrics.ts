import type { Adapter, SendResult } from '../adapters/adapter.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Log } from '../log.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { AccountId, Event, PlatformName } from '../words.ts';
import { accountLabels, type CounterOfPlatform, createInstruments } from './instruments.ts';
import { type Parts, type ProcessParts, setFromParts } from './set-from-parts.ts';
import { clearStore, setFromStore } from './set-from-store.ts';
import { createSettledDeliveries } from './settled-deliveries.ts';

export interface MetricsOptions {
  /** The accounts in use. */
  readonly accounts: readonly AccountId[];
  readonly counters: readonly CounterOfPlatform[];
  readonly catalogue: Catalogue;
  /** The version of Lookout. */
  readonly version: string;
  readonly process: ProcessParts;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The metrics of Lookout. Most are read from its parts when they are requested; only values that no part keeps are
 * counted as they happen.
 */
export interface Metrics {
  received(event: Event): void;
  /** Increments a counter that only this platform has. */
  count(platform: PlatformName, counter: string): void;
  /** Returns the same adapter of an account with its sends counted. */
  counted(adapter: Adapter, account: AccountId): Adapter;
  /** Adds these parts to the metrics; `store`: what is counted there, too. Returns what takes them away. */
  watch(parts: Parts, store: CountedStore | null): () => void;
  /** Returns all metrics in Prometheus' text format. Simultaneous callers get the same answer. */
  text(): Promise<string>;
  /** Content type of `text`. */
  readonly contentType: string;
}

/** A store whose rows are counted: by one process, since the counts would be added up. */
export interface CountedStore {
  readonly db: Database;
  /** The clock of the store. */
  readonly clock: Clock;
  /** Returns the names of the rooms. */
  readonly rooms: () => readonly string[];
}

/** All outcomes, as the type ensures, so that each has a series at 0 before its first event. */
const outcomes: Readonly<Record<SendResult['outcome'], 0>> = {
  sent: 0,
  notAccepted: 0,
  unknown: 0,
  rejected: 0,
  roomBroken: 0,
  accountBroken: 0,
};

export function createMetrics({
  accounts,
  counters,
  catalogue,
  version,
  process,
  clock,
  log,
}: MetricsOptions): Metrics {
  const all = createInstruments(counters);
  all.build.set({ version }, 1);
  for (const labels of accounts.map(accountLabels)) {
    all.sendSeconds.zero(labels);
    for (const outcome of Object.keys(outcomes)) all.sends.inc({ ...labels, outcome }, 0);
  }
  const watched = new Map<Parts, (() => Promise<void>) | null>();
  let underWay: Promise<string> | null = null;

  async function collect(): Promise<string> {
    try {
      setFromParts(all, [...watched.keys()], process);
      const counting = [...watched.values()].filter((count) => count !== null);
      if (counting.length === 0) clearStore(all);
      for (const count of counting) await count();
      return await all.registry.metrics();
    } finally {
      underWay = null;
    }
  }

  function note(account: AccountId, outcome: SendResult['outcome'], tookMs: number): void {
    const labels = accountLabels(account);
    all.sends.inc({ ...labels, outcome });
    all.sendSeconds.observe(labels, tookMs / 1000);
  }

  /** Returns a function that sets what is counted in a store. */
  function countIn({ db, clock, rooms }: CountedStore): () => Promise<void> {
    const settled = createSettledDeliveries(db, clock);
    let wasReadable = true;
    return async () => {
      try {
        await setFromStore(all, db, rooms(), settled.read, clock);
        wasReadable = true;
      } catch (err) {
        if (wasReadable) log.warn({ err }, 'could not read the store for metrics');
        wasReadable = false;
      }
      all.storeReadable.set(wasReadable ? 1 : 0);
    };
  }

  return {
    received({ model, origin }) {
      // A source may name an unknown class as it likes, so its name must not become a label.
      all.received.inc({ model: catalogue.model(model) === undefined ? 'other' : model, origin });
    },
    count: (platform, counter) => all.ofPlatforms.get(`${platform}_${counter}`)?.inc(),
    counted: (adapter, account) => countSends(adapter, (...answer) => note(account, ...answer), clock),
    watch(parts, store) {
      watched.set(parts, store === null ? null : countIn(store));
      return () => void watched.delete(parts);
    },
    text() {
      underWay ??= collect();
      return underWay;
    },
    contentType: all.registry.contentType,
  };
}

/** Receives the outcome of every send and its duration, ms. */
type NoteSend = (outcome: SendResult['outcome'], tookMs: number) => void;

/** Returns the same adapter with every send counted. A send that was stopped before its answer counts as `unknown`. */
function countSends(adapter: Adapter, note: NoteSend, clock: Clock): Adapter {
  return {
    ...adapter,
    async send(request, signal) {
      const began = clock.monotonic();
      const result = await adapter.send(request, signal);
      note(result.outcome, clock.monotonic() - began);
      return result;
    },
  };
}
