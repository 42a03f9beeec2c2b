import type { SendRequest } from '../adapters/adapter.ts';
import type { Database } from '../store/tables.ts';
import { type Clock, sleep } from '../time/clock.ts';
import type { PlatformName } from '../words.ts';
import { nextDue } from './fates.ts';
import { PACE_MS, passTo, passToEnd } from './pass-time.ts';
import type { RecordedMessage } from './read-event.ts';
import { createScaledClock } from './scaled-clock.ts';
import { startTrial, type TrialOptions } from './trial.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** Longest wait between two looks whether the last deliveries went out, ms of the replay. */
const LOOK_MS = 1_000;

export interface ReplayOptions extends Omit<TrialOptions, 'clock' | 'format' | 'onSend'> {
  /** Factor by which time passes faster than it did; null: nothing is waited for. */
  readonly speed: number | null;
  /** The time of the first event, if its line does not say when it came, Unix milliseconds. */
  readonly now: number;
  /** Called with each request that would change a room, and the time of the replay. A message in it is JSON. */
  readonly onSend: (platform: PlatformName, request: SendRequest, at: number) => Promise<void>;
  /** Ends the replay early. */
  readonly signal: AbortSignal;
}

/** The numbers of a room at the end of a replay. */
export interface ReplayedRoom {
  readonly room: string;
  /** Numbers of events by what became of them. */
  readonly events: Readonly<Record<'sent' | 'muted' | 'cancelled' | 'dead' | 'waiting', number>>;
  /** Numbers of requests by their kind. */
  readonly requests: Readonly<Record<string, number>>;
}

/** The clock of a replay, and how its time passes. */
interface Passing {
  readonly clock: Clock;
  /** Lets the time begin, once everything is built. */
  readonly go: () => void;
  readonly to: (db: Database, at: number) => Promise<void>;
  readonly toEnd: (db: Database) => Promise<void>;
  readonly whileStopping: (stop: Promise<void>) => Promise<void>;
}

/** Plays events through a configuration. Returns the numbers of each room, in the order of the configuration. */
export async function replay(
  events: AsyncIterable<RecordedMessage>,
  options: ReplayOptions,
): Promise<{ readonly events: number; readonly rooms: readonly ReplayedRoom[] }> {
  const { speed, now, signal, onSend } = options;
  const requests = new Map<string, Record<string, number>>();
  let trial: Awaited<ReturnType<typeof startTrial>> | null = null;
  let passing: Passing | null = null;
  let count = 0;
  try {
    for await (const { at, message } of events) {
      if (signal.aborted) break;
      if (trial === null || passing === null) {
        const started = at ?? now;
        passing = speed === null ? withoutWaits(started) : scaled(started, speed, signal);
        const { clock } = passing;
        trial = await startTrial({
          ...options,
          clock,
          format: (one) => JSON.stringify(one),
          async onSend(platform, request) {
            const { kind } = request.action ?? { kind: 'create' };
            const address = `${platform}:${request.room}`;
            const ofRoom = requests.get(address) ?? {};
            requests.set(address, { ...ofRoom, [kind]: (ofRoom[kind] ?? 0) + 1 });
            await onSend(platform, request, clock.now());
          },
        });
        passing.go();
      } else await passing.to(trial.app.base.db, at ?? passing.clock.now() + PACE_MS);
      if (signal.aborted) break;
      await trial.tell(message);
      count++;
    }
    if (trial === null || passing === null) return { events: 0, rooms: [] };
    if (!signal.aborted) await passing.toEnd(trial.app.base.db);
    const rooms: ReplayedRoom[] = [];
    for (const { id, name, address } of trial.app.base.inEffect.rooms)
      rooms.push({
        room: name,
        events: await countStates(trial.app.base.db, id),
        requests: requests.get(address) ?? {},
      });
    return { events: count, rooms };
  } finally {
    if (trial !== null) await passing?.whileStopping(trial.app.stop(0));
  }
}

function withoutWaits(started: number): Passing {
  const clock = createVirtualClock(started);
  return {
    clock,
    go() {},
    to: (db, at) => passTo(db, clock, at),
    toEnd: (db) => passToEnd(db, clock),
    whileStopping: (stop) => clock.passWhile(stop),
  };
}

function scaled(started: number, speed: number, signal: AbortSignal): Passing {
  const clock = createScaledClock(started, speed);
  return {
    clock,
    go: clock.go,
    to: (_, at) => sleep(clock, at - clock.now(), signal),
    async toEnd(db) {
      while (!signal.aborted && (await nextDue(db)) !== null) await sleep(clock, LOOK_MS, signal);
    },
    whileStopping: (stop) => stop,
  };
}

async function countStates(db: Database, roomId: number): Promise<ReplayedRoom['events']> {
  const rows = await db
    .selectFrom('deliveries')
    .select((s) => ['state', s.fn.countAll<number>().as('count')])
    .where('room_id', '=', roomId)
    .groupBy('state')
    .execute();
  const counts = { sent: 0, muted: 0, cancelled: 0, dead: 0, waiting: 0 };
  for (const { state, count } of rows) counts[state === 'planned' ? 'waiting' : state] += Number(count);
  return counts;
}
