import { setTimeout as pause } from 'node:timers/promises';
import { createEventGenerator } from '../e2e/support/events.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';
import type { Random } from '../e2e/support/random.ts';
import { classOf } from '../e2e/support/rows.ts';
import { fastTime } from './fast-clock.ts';
import { markOf } from './judge.ts';
import type { Stage } from './stage.ts';
import { withinTime } from './within-time.ts';

const listedModels = ['posts', 'feedbacks', 'deletion_logs', 'post_comments', 'flag_logs'] as const;
const listedBy = new Map(listedModels.map((model) => [classOf(model), model]));

/** Number of events of a burst that are passed to the source together. */
const atOnce = 100;
/** Delay between two attempts while the source is down, ms of real time. */
const downPauseMs = 100;

/** The activity at the source: events are sent, and rows are written that the API lists. */
export interface Emission {
  /** Emits events for a time, at random intervals of at most `pauseMs`; both ms of real time. */
  run(forMs: number, pauseMs: number): Promise<void>;
  /** Emits bursts of events, spread over a time, ms of real time. */
  flood(burst: { readonly bursts: number; readonly events: number; readonly forMs: number }): Promise<void>;
  /** Lets time pass at the source without events, ms. */
  pass(ms: number): void;
  /** Creates of rows that the API lists. */
  listed(): readonly WireEvent[];
  /** Time at which each event was first passed to the source, by its mark, Unix milliseconds. */
  readonly emittedAt: ReadonlyMap<string, number>;
}

export function createEmission({ epoch, rails, api }: Stage, random: Random): Emission {
  const generator = createEventGenerator(random, Math.floor(fastTime(epoch, Date.now()) / 1_000));
  const listed = new Map<string, WireEvent>();
  const destroyed = new Set<string>();
  const emittedAt = new Map<string, number>();

  /** Writes the row as soon as it is created, whether or not its event can be sent. */
  function write(event: WireEvent): void {
    const model = listedBy.get(event.event_class);
    if (model === undefined) return;
    const { id } = event.object;
    const name = markOf({ ...event, event_type: 'create' });
    const others = api.tables[model].filter((row) => row.id !== id);
    if (event.event_type === 'destroy') {
      listed.delete(name);
      destroyed.add(name);
      api.tables[model] = others;
    } else if (!destroyed.has(name)) {
      // An update that overtook its create does not replace it: the create may never have been sent.
      if (event.event_type === 'create') listed.set(name, event);
      api.tables[model] = [...others, event.object];
    }
  }

  async function tell(events: readonly WireEvent[]): Promise<'told' | 'down'> {
    for (const event of events) {
      write(event);
      const mark = markOf(event);
      if (!emittedAt.has(mark)) emittedAt.set(mark, Date.now());
    }
    // Events that the source cannot broadcast while it is down are only in the API.
    return withinTime('the source taking events', 3_000, rails.emit(events)).then(
      () => 'told',
      () => 'down',
    );
  }

  return {
    async run(forMs, pauseMs) {
      const end = Date.now() + forMs;
      // Only while no room has a backlog: there an event would be sent before its post, unless it waited.
      for (let times = 6; times > 0; times--) {
        const { before, create } = generator.latePost();
        const told = tell(before);
        await pause(20);
        await Promise.all([told, tell([create])]);
        await pause(60);
      }
      for (; Date.now() < end; await pause(random.integer(pauseMs))) await tell(generator.take(1 + random.integer(8)));
    },
    async flood({ bursts, events, forMs }) {
      const begin = Date.now();
      for (let burst = 0; burst < bursts; burst++) {
        await pause(Math.max(0, begin + (burst / bursts) * forMs - Date.now()));
        for (let left = events; left > 0; left -= atOnce) {
          const answer = await tell(generator.take(Math.min(left, atOnce)));
          // All events of a burst would be missed if it went on while the source is down.
          if (answer === 'down') await pause(downPauseMs);
        }
      }
      await pause(Math.max(0, begin + forMs - Date.now()));
    },
    pass: (ms) => generator.pass(ms / 1_000),
    listed: () => [...listed.values()],
    emittedAt,
  };
}
