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

/** Events of a burst that the source is given together. */
const atOnce = 100;
/** Between two tries while the source is down, in milliseconds of real time. */
const downPauseMs = 100;

/** What happens at the source: events are told, and rows written that the API lists. */
export interface Emission {
  /** Emits for so long, in milliseconds of real time. */
  run(forMs: number): Promise<void>;
  /** Emits bursts of so many events, spread over so long, in milliseconds of real time. */
  flood(burst: { readonly bursts: number; readonly events: number; readonly forMs: number }): Promise<void>;
  /** So many milliseconds pass at the source, in which nothing happens. */
  pass(ms: number): void;
  /** Creates of rows that the API lists. */
  listed(): readonly WireEvent[];
  /** When each event was first handed to the source, by its mark, Unix milliseconds. */
  readonly emittedAt: ReadonlyMap<string, number>;
}

export function createEmission({ epoch, rails, api }: Stage, random: Random): Emission {
  const generator = createEventGenerator(random, Math.floor(fastTime(epoch, Date.now()) / 1_000));
  const listed = new Map<string, WireEvent>();
  const destroyed = new Set<string>();
  const emittedAt = new Map<string, number>();

  /** The row is there as soon as it is created, whether or not anybody is told. */
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
      // An update that overtook its create does not stand for it: the create may never have been sent.
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
    // What the source cannot broadcast while it is down, only the API has.
    return withinTime('the source taking events', 3_000, rails.emit(events)).then(
      () => 'told',
      () => 'down',
    );
  }

  return {
    async run(forMs) {
      const end = Date.now() + forMs;
      // As long as no room is behind: there what comes before its post would be sent before it, unless it waited.
      for (let times = 6; times > 0; times--) {
        const { before, create } = generator.latePost();
        const told = tell(before);
        await pause(20);
        await Promise.all([told, tell([create])]);
        await pause(60);
      }
      for (; Date.now() < end; await pause(random.integer(60))) await tell(generator.take(1 + random.integer(8)));
    },
    async flood({ bursts, events, forMs }) {
      const begin = Date.now();
      for (let burst = 0; burst < bursts; burst++) {
        await pause(Math.max(0, begin + (burst / bursts) * forMs - Date.now()));
        for (let left = events; left > 0; left -= atOnce) {
          const answer = await tell(generator.take(Math.min(left, atOnce)));
          // Of a burst that goes on while the source is down, all would be missed.
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
