import type { Adapter, SendResult } from '../adapters/adapter.ts';
import type { Log } from '../log.ts';
import type { Catalogue } from '../metasmoke/catalogue.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { Event, PlatformName } from '../words.ts';
import { type CounterOfPlatform, createInstruments } from './instruments.ts';
import { type Parts, setFromParts } from './set-from-parts.ts';
import { setFromStore } from './set-from-store.ts';
import { createSettledDeliveries } from './settled-deliveries.ts';

export interface MetricsOptions {
  /** The platforms that are in use. */
  readonly platforms: readonly PlatformName[];
  readonly counters: readonly CounterOfPlatform[];
  readonly catalogue: Catalogue;
  /** Lookout's own. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What Lookout counts. Most is read from what it knows anyway at the moment that somebody asks; only what is known nowhere
 * else is told as it happens.
 */
export interface Metrics {
  received(event: Event): void;
  /** Adds one to a counter that only this platform has. */
  count(platform: PlatformName, counter: string): void;
  /** The same adapter, with its sends counted. */
  counted(adapter: Adapter): Adapter;
  /** From now on these parts and this store are read, too. */
  watch(parts: Parts, db: Database): void;
  /** Everything in Prometheus' text format. Who asks meanwhile gets the same answer. */
  text(): Promise<string>;
  /** What `text` is, for HTTP. */
  readonly contentType: string;
}

/** Complete, as its type says: each outcome has its series from the start, so that the first one is seen to come. */
const outcomes: Readonly<Record<SendResult['outcome'], 0>> = {
  sent: 0,
  notAccepted: 0,
  unknown: 0,
  rejected: 0,
  roomBroken: 0,
  accountBroken: 0,
};

export function createMetrics({ platforms, counters, catalogue, version, clock, log }: MetricsOptions): Metrics {
  const all = createInstruments(counters);
  all.build.set({ version }, 1);
  for (const platform of platforms) {
    all.sendSeconds.zero({ platform });
    for (const outcome of Object.keys(outcomes)) all.sends.inc({ platform, outcome }, 0);
  }
  let readAll = async () => {};
  let underWay: Promise<string> | null = null;

  async function collect(): Promise<string> {
    try {
      await readAll();
      return await all.registry.metrics();
    } finally {
      underWay = null;
    }
  }

  function note({ platform }: Adapter, outcome: SendResult['outcome'], tookMs: number): void {
    all.sends.inc({ platform, outcome });
    all.sendSeconds.observe({ platform }, tookMs / 1000);
  }

  return {
    received({ model, origin }) {
      // A class that nobody knows has whatever name the source gives it.
      all.received.inc({ model: catalogue.model(model) === undefined ? 'other' : model, origin });
    },
    count: (platform, counter) => all.ofPlatforms.get(`${platform}_${counter}`)?.inc(),
    counted: (adapter) => countSends(adapter, note, clock),
    watch(parts, db) {
      const settled = createSettledDeliveries(db, clock);
      let wasReadable = true;
      readAll = async () => {
        setFromParts(all, parts);
        const rooms = parts.outbox.workers.map(({ gate }) => gate.room.name);
        try {
          await setFromStore(all, db, rooms, settled.read, clock);
          wasReadable = true;
        } catch (err) {
          if (wasReadable) log.warn({ err }, 'the store could not be read for metrics');
          wasReadable = false;
        }
        all.storeReadable.set(wasReadable ? 1 : 0);
      };
    },
    text() {
      underWay ??= collect();
      return underWay;
    },
    contentType: all.registry.contentType,
  };
}

/** Told of every send: what was answered, and after how long, in milliseconds. */
type NoteSend = (adapter: Adapter, outcome: SendResult['outcome'], tookMs: number) => void;

/** The same adapter, with every send noted. One that was stopped before its answer came counts too, as `unknown`. */
function countSends(adapter: Adapter, note: NoteSend, clock: Clock): Adapter {
  return {
    ...adapter,
    async send(request, signal) {
      const began = clock.monotonic();
      const result = await adapter.send(request, signal);
      note(adapter, result.outcome, clock.monotonic() - began);
      return result;
    },
  };
}
