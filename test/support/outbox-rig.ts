import { platforms } from '../../src/adapters/platforms.ts';
import { type Safeguards, safeguards } from '../../src/app/safeguards.ts';
import type { EventSpec } from '../../src/catalogue/event-spec.ts';
import type { Waves } from '../../src/config/config.ts';
import type { CatchUp } from '../../src/ingest/new-event.ts';
import { enqueue } from '../../src/ingest/store-event.ts';
import { type Log, type SentLevel, silentLog } from '../../src/log.ts';
import { links } from '../../src/metasmoke/links.ts';
import type { TellOperators } from '../../src/notices/operator-notices.ts';
import type { CardMessage, Draw } from '../../src/outbox/compose/draw.ts';
import { createOutbox, type Outbox, type OutboxOptions } from '../../src/outbox/outbox.ts';
import { createRoomDirectory, type RoomDirectory } from '../../src/outbox/room-directory.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { roomsWithWork } from '../../src/outbox/rows/rooms-with-work.ts';
import { priorityOf } from '../../src/router/priority.ts';
import { parseOptions } from '../../src/router/subscription-options.ts';
import { createEventCache } from '../../src/store/event-cache.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createWriter } from '../../src/store/writer.ts';
import { readState } from '../../src/subject-rows/known-post.ts';
import { factsOf } from '../../src/subjects/facts.ts';
import { countVotes, type PostState } from '../../src/subjects/post-state.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { aNewDelivery, aNewEvent } from './new-event.ts';
import { createScriptedAdapter, type ScriptedAdapter, textMessage } from './scripted-adapter.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

export interface OutboxRig {
  readonly clock: TestClock;
  readonly store: Store;
  readonly adapter: ScriptedAdapter;
  readonly outbox: Outbox;
  readonly directory: RoomDirectory;
  /** Commits an event with a delivery for each of these rooms (`matrix:!a` by default) and lets the workers run. */
  deliver(
    event: Event,
    rooms?: readonly string[],
    awaitPostUntil?: number | null,
    catchUp?: CatchUp | null,
  ): Promise<void>;
  /** The same without the workers. Returns the ids of the rooms that have something to do. */
  commit: (...of: Parameters<OutboxRig['deliver']>) => Promise<readonly number[]>;
  /** `state: reason` of every delivery, in order of arrival. */
  deliveries(): Promise<string[]>;
  /** A message shows its event as `model#type id`. */
  shown(room?: string): string[];
  /** Ends the workers without letting a send in flight end, as `kill -9` would, and keeps the store. */
  kill(): Promise<void>;
  /** A crash: kills it, if that was not done before, and gives the next one over the same store, clock and platform. */
  restart(changes?: RigOptions): Promise<OutboxRig>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly rooms?: readonly string[];
  readonly store?: Store;
  readonly clock?: TestClock;
  readonly adapter?: ScriptedAdapter;
  readonly safeguards?: Partial<Safeguards>;
  readonly keepMs?: number;
  /** Of the subscription. */
  readonly options?: EventObject;
  readonly waves?: Waves | null;
  readonly tell?: TellOperators;
  readonly onAccountBroken?: OutboxOptions['onAccountBroken'];
  readonly priority?: readonly EventSpec[];
  readonly log?: Log;
  readonly sentLevel?: SentLevel;
  readonly mutedBy?: (roomId: number, event: Event, now: number) => Promise<string | null>;
  readonly render?: (event: Event) => ReturnType<typeof textMessage>;
  /** Shows what the message of an event says about its row; the whole row by default. */
  readonly content?: (event: Event) => ReturnType<typeof textMessage>;
  /** True if updates are compared with the last message about their row. */
  readonly compares?: boolean;
  readonly card?: Draw['card'];
  readonly hidden?: Draw['hidden'];
  readonly cancelReason?: OutboxOptions['cancelReason'];
  readonly isPaused?: OutboxOptions['isPaused'];
  readonly onTookOver?: OutboxOptions['onTookOver'];
  readonly storedUntil?: OutboxOptions['storedUntil'];
  readonly usersElsewhere?: OutboxOptions['usersElsewhere'];
}

/** An outbox over a real SQLite in memory, a scripted platform, and a clock in the test's hand. */
export async function createOutboxRig(options: RigOptions = {}): Promise<OutboxRig> {
  const clock = options.clock ?? createTestClock();
  const adapter = options.adapter ?? createScriptedAdapter();
  const store = options.store ?? (await openStore(':memory:'));
  const { db } = store;
  const addresses = options.rooms ?? ['matrix:!a', 'matrix:!b'];
  const rooms = await storeRooms(
    db,
    addresses.map((address) => ({
      name: address.replace(/^[a-z]+:!?/, ''),
      address,
      platform: adapter.platform,
      account: adapter.platform,
    })),
  );
  let key = 0;
  const directory = createRoomDirectory();
  const outbox = createOutbox({
    db,
    directory,
    writer: createWriter(db, clock),
    events: createEventCache(db),
    rooms,
    accounts: [{ id: adapter.platform, adapter }],
    platforms,
    usersElsewhere: options.usersElsewhere ?? (() => new Map()),
    storedUntil: options.storedUntil ?? (() => Number.POSITIVE_INFINITY),
    draw: {
      pageOf: links.pageOf,
      hidden: async (subjects, room) => options.hidden?.(subjects, room) ?? new Set(),
      event: async (event) => options.render?.(event) ?? textMessage(`${event.model}#${event.type} ${event.rowId}`),
      content: async (event) => options.content?.(event) ?? textMessage(JSON.stringify(event.object)),
      card: options.card ?? (async ({ subject }) => cardOf(subject, await stateOf(db, subject))),
      facts: async (subject) => factsOf(await stateOf(db, subject)),
    },
    cancelReason: options.cancelReason ?? (async () => null),
    isPaused: options.isPaused ?? (() => false),
    onTookOver: options.onTookOver ?? (async () => {}),
    mutedBy: async (roomId, event, now) => (await options.mutedBy?.(roomId, await event(), now)) ?? null,
    tell: options.tell ?? (() => {}),
    onAccountBroken: options.onAccountBroken ?? (() => {}),
    onChange: () => {},
    wavesOf: () => options.waves ?? null,
    roomsWithWork: () => roomsWithWork(db, null),
    keepMs: () => options.keepMs ?? 30 * 86_400_000,
    clock,
    log: options.log ?? silentLog,
    sentLevel: options.sentLevel ?? 'debug',
    safeguards: { ...safeguards, mintKey: () => `key-${clock.now()}-${key++}`, ...options.safeguards },
  });
  outbox.start();
  await clock.advance(0);

  let isKilled = false;
  async function kill(): Promise<void> {
    const stopped = outbox.stop(AbortSignal.abort());
    await clock.advance(1);
    await stopped;
    isKilled = true;
  }

  const commit: OutboxRig['commit'] = async (event, to = ['matrix:!a'], awaitPostUntil = null, catchUp = null) => {
    const ids = to.map((address) => directory.roomId(address) ?? -1);
    const chosen = parseOptions(options.options ?? {});
    const rowKey = options.compares === true ? `${event.model} ${event.rowId}` : null;
    const deliveries = ids.map((roomId) => aNewDelivery(roomId, { subscription: 'test', options: chosen, rowKey }));
    const priority = priorityOf(event, options.priority ?? []);
    const item = aNewEvent(event, { deliveries, awaitPostUntil, priority, catchUp });
    return (await db.transaction().execute((trx) => enqueue(trx, item)))?.rooms ?? [];
  };

  return {
    clock,
    store,
    adapter,
    outbox,
    directory,
    commit,
    async deliver(...of) {
      directory.wake(await commit(...of));
      await clock.advance(0);
    },
    async deliveries() {
      const rows = await db.selectFrom('deliveries').select(['state', 'reason']).orderBy('id').execute();
      return rows.map((row) => (row.reason === null ? row.state : `${row.state}: ${row.reason}`));
    },
    shown: (room = '!a') => adapter.shown(room),
    kill,
    async restart(changes = {}) {
      if (!isKilled) await kill();
      return createOutboxRig({ ...options, store, clock, adapter, ...changes });
    },
    async stop() {
      await kill();
      await store.close();
    },
  };
}

/** Returns the state of a post from the store. */
export async function stateOf(db: Store['db'], subject: string) {
  return readState(db, subject);
}

/** A card of the rig: `card post:1: stands, tp 2 fp 1`. */
function cardOf(subject: string, state: PostState): CardMessage {
  const { tp, fp } = countVotes(state);
  return { message: textMessage(`card ${subject}: ${state.fate}, tp ${tp} fp ${fp}`), isOver: state.fate !== 'stands' };
}
