import { type NotNull, sql } from 'kysely';
import type { Account } from '../../adapters/adapter.ts';
import type { Waves } from '../../config/config.ts';
import type { Log } from '../../log.ts';
import type { Message } from '../../render/message.ts';
import type { Database } from '../../store/tables.ts';
import { countWithin } from '../../text/count-within.ts';
import type { Clock } from '../../time/clock.ts';
import { cardsAfterWave } from '../rows/cards-after-wave.ts';
import type { DueDelivery } from '../rows/due-deliveries.ts';
import { exceedsRate } from '../rows/is-behind.ts';
import { EDITABLE_MS } from '../rows/note-news.ts';
import { hasNoOpenSend } from '../rows/open-send.ts';
import type { StaleMessage } from '../rows/stale-messages.ts';
import { newMessage, type WavePlace } from '../rows/store-send.ts';
import { carriedBy, countEvents, type DigestEvent, readEntries } from './digest-entries.ts';
import { costOf, digestMessage, type Entry } from './digest-message.ts';
import type { Draw } from './draw.ts';
import type { Digest } from './sender.ts';

/** Time over which the rate is measured, ms. */
const RATE_MS = 60_000;
/** A wave is over when less than this share is left of the rate that began it. */
const CALM_SHARE = 1 / 3;
/** Shortest time between two measurements of the rate, ms. */
const LOOK_MS = 1_000;
/** Most deliveries of a message that grows: each growth reads all of them. */
const MOST_CARRIED = 2_000;
/** Most deliveries that join a digest at once. */
export const mostAtOnce = 100;

export interface RoomWavesOptions {
  readonly db: Database;
  readonly roomId: () => number;
  readonly roomName: string;
  readonly waves: Waves;
  readonly pageOf: Draw['pageOf'];
  /** Returns the posts of these whose titles the room hides. */
  readonly hidden: (subjects: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Returns about how much text a message may have, in UTF-16 units. */
  readonly digestUnits: () => number;
  /** Returns true if a digest can be changed now; otherwise it goes on in new messages. */
  readonly canGrow: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Treats a wave in one room: above a set rate a digest that grows takes the place of messages. */
export interface RoomWaves {
  /** True if no wave is on, and that is known without a query. */
  readonly isKnownToBeOff: boolean;
  /** Returns true if due deliveries go into a digest. */
  isOn(account: Account): Promise<boolean>;
  /** Puts as many of the deliveries as have room into the digest that grows, or into a new one. */
  grow(deliveries: readonly DueDelivery[], account: Account): Promise<Digest>;
  /** Returns a digest with everything that is known by now. */
  redraw(stale: StaleMessage): Promise<Digest>;
}

export function createRoomWaves(options: RoomWavesOptions): RoomWaves {
  return new WavesOfRoom(options);
}

/** Deliveries that have room in a digest, and all entries of that digest. */
interface Fitting {
  readonly fitting: readonly DueDelivery[];
  readonly entries: readonly Entry[];
}

class WavesOfRoom implements RoomWaves {
  readonly #options: RoomWavesOptions;
  /** Null: not known yet. */
  #isOn: boolean | null = null;
  /** By the monotonic clock. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RoomWavesOptions) {
    this.#options = options;
  }

  get isKnownToBeOff(): boolean {
    return this.#isOn === false;
  }

  async isOn(account: Account): Promise<boolean> {
    const { db, roomId, roomName, waves, clock, log } = this.#options;
    const now = clock.monotonic();
    if (this.#isOn !== null && now - this.#lookedAt < LOOK_MS) return this.#isOn;
    this.#lookedAt = now;
    this.#isOn ??= (await this.#firstOfWave()) !== null;
    const count = this.#isOn ? Math.floor(waves.digestAbove * CALM_SHARE) : waves.digestAbove;
    const busy = await exceedsRate(db, roomId(), { since: clock.now() - RATE_MS, count });
    const said = { room: roomName, account: account.id };
    if (busy && !this.#isOn) log.info(said, `room ${roomName}: a wave begins, one digest takes the place of messages`);
    if (!busy && this.#isOn) {
      await db.transaction().execute(async (trx) => {
        await cardsAfterWave(trx, roomId(), clock.now());
        await this.#endWave(trx);
      });
      log.info(said, `room ${roomName}: the wave is over`);
    }
    this.#isOn = busy;
    return busy;
  }

  async grow(deliveries: readonly DueDelivery[], account: Account): Promise<Digest> {
    const grown = await this.#growCurrent(deliveries, account);
    if (grown !== null) return grown;
    const first = await this.#firstOfWave();
    await this.#endWave(this.#options.db);
    const { fitting, entries } = await this.#fit([], deliveries);
    const content = contentOf(fitting, entries);
    const subject = fitting[0]!.subject;
    const place: WavePlace = first === null ? { kind: 'first' } : { kind: 'continues', first };
    return { deliveries: fitting, message: newMessage({ subject, kind: 'digest', wave: place }), content };
  }

  async redraw(stale: StaleMessage): Promise<Digest> {
    const carried = await carriedBy(this.#options.db, stale.id);
    const content = contentOf(carried, await readEntries(this.#options, carried));
    return { deliveries: [], message: { kind: 'shown', message: stale }, content };
  }

  /** Puts deliveries into the digest that the room shows; null if there is none that can grow, or it has no room. */
  async #growCurrent(deliveries: readonly DueDelivery[], account: Account): Promise<Digest | null> {
    const { db, canGrow } = this.#options;
    if (!canGrow()) return null;
    const current = await this.#editable(account).where('m.grows', '=', sql.lit(1)).executeTakeFirst();
    if (current === undefined) return null;
    const before = await carriedBy(db, current.id);
    if (before.length >= MOST_CARRIED) return null;
    const { fitting, entries } = await this.#fit(before, deliveries);
    if (fitting.length === 0) return null;
    const content = contentOf([...before, ...fitting], entries);
    return { deliveries: fitting, message: { kind: 'shown', message: current }, content };
  }

  /** Digests of the last hour that this account can change and that have no send without an answer, newest first. */
  #editable(account: Account) {
    const { db, roomId, clock } = this.#options;
    return db
      .selectFrom('messages as m')
      .select(['m.id', 'm.platform_id as platformId', 'm.subject', 'm.news'])
      .where('m.room_id', '=', roomId())
      .where('m.wave', 'is not', null)
      .where('m.platform_id', 'is not', null)
      .where('m.created_at', '>', clock.now() - EDITABLE_MS)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('sends as s')
            .select('s.id')
            .whereRef('s.message_id', '=', 'm.id')
            .where('s.kind', '=', 'create')
            .where('s.account', '=', account.id),
        ),
      )
      .where(hasNoOpenSend)
      .orderBy('m.id', 'desc')
      .$narrowType<{ platformId: NotNull }>();
  }

  /** The id of the first message of the wave; null if no wave is on. */
  async #firstOfWave(): Promise<number | null> {
    const { db, roomId } = this.#options;
    const row = await db
      .selectFrom('messages')
      .select('wave')
      .where('room_id', '=', roomId())
      .where('grows', '=', sql.lit(1))
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return row?.wave ?? null;
  }

  async #endWave(trx: Pick<Database, 'updateTable'>): Promise<void> {
    const grown = trx.updateTable('messages').set({ grows: 0 }).where('room_id', '=', this.#options.roomId());
    await grown.where('grows', '=', sql.lit(1)).execute();
  }

  /** Returns the deliveries that have room beside what a message carries already. */
  async #fit(before: readonly DigestEvent[], deliveries: readonly DueDelivery[]): Promise<Fitting> {
    const { digestUnits } = this.#options;
    const entries = await readEntries(this.#options, [...before, ...deliveries]);
    // What the message carries already comes first, and stays.
    const shownAlready = new Set(before.map(({ subject }) => subject)).size;
    const count = Math.max(shownAlready, countWithin(entries.map(costOf), digestUnits()));
    const kept = entries.slice(0, count);
    const shown = new Set(kept.map(({ subject }) => subject));
    return { fitting: deliveries.filter(({ subject }) => shown.has(subject)), entries: kept };
  }
}

function contentOf(events: readonly DigestEvent[], entries: readonly Entry[]): Message {
  const lastedMs = spanOf(events.map(({ receivedAt }) => receivedAt));
  return digestMessage({ entries, counts: countEvents(events), lastedMs, about: 'wave' });
}

/** Returns the time from the first of some instants to the last, ms; 0 without any. */
function spanOf(instants: readonly number[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const at of instants) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  return instants.length === 0 ? 0 : last - first;
}
