import { type NotNull, sql } from 'kysely';
import type { Account } from '../../adapters/adapter.ts';
import type { Waves } from '../../config/config.ts';
import type { Log } from '../../log.ts';
import type { Message } from '../../render/message.ts';
import type { Database } from '../../store/tables.ts';
import { countWithin } from '../../text/count-within.ts';
import type { Clock } from '../../time/clock.ts';
import { cardsAfterWave } from '../rows/cards-after-wave.ts';
import { exceedsRate } from '../rows/is-behind.ts';
import { EDITABLE_MS } from '../rows/note-news.ts';
import { hasNoOpenSend } from '../rows/open-send.ts';
import type { DueDelivery } from '../rows/pick.ts';
import type { StaleMessage } from '../rows/stale-messages.ts';
import { newMessage, type WavePlace } from '../rows/store-send.ts';
import { carriedBy, countEvents, type DigestEvent, readEntries } from './digest-entries.ts';
import { costOf, digestMessage, type Entry } from './digest-message.ts';
import type { Digest } from './sender.ts';

/** The rate is looked at over this time, in milliseconds. */
const RATE_MS = 60_000;
/** A wave is over when less than this share of the rate is left that began it. */
const CALM_SHARE = 1 / 3;
/** How often the rate is looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** A message that carries so many deliveries is not grown any more: each growth reads them. */
const MOST_CARRIED = 2_000;
/** So many deliveries join a digest at once. */
export const mostAtOnce = 100;

export interface RoomWavesOptions {
  readonly db: Database;
  readonly roomId: () => number;
  readonly roomName: string;
  readonly waves: Waves;
  /** About how much text a message may have, in UTF-16 units. */
  readonly digestUnits: () => number;
  /** A digest can be changed; if not, it goes on in new messages. */
  readonly canGrow: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Treats a wave in one room: above a set rate a digest that grows takes the place of messages. */
export interface RoomWaves {
  /** Whether no wave is on, and that is known without a look. */
  readonly isKnownToBeOff: boolean;
  /** Whether what is due goes into a digest. */
  isOn(account: Account): Promise<boolean>;
  /** Puts as many of the deliveries as have room into the digest that grows, or into a new one. */
  grow(deliveries: readonly DueDelivery[], account: Account): Promise<Digest>;
  /** A digest about which something is known that it does not show yet. */
  redraw(stale: StaleMessage): Promise<Digest>;
}

export function createRoomWaves(options: RoomWavesOptions): RoomWaves {
  const { db, clock, log, waves } = options;
  let isOn: boolean | null = null;
  /** By the monotonic clock. */
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** Digests of the last hour that this account can change and that no send without an answer is about, newest first. */
  function editable(account: Account) {
    return db
      .selectFrom('messages as m')
      .select(['m.id', 'm.platform_id as platformId', 'm.subject', 'm.news'])
      .where('m.room_id', '=', options.roomId())
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

  async function wave(): Promise<number | null> {
    const row = await db
      .selectFrom('messages')
      .select('wave')
      .where('room_id', '=', options.roomId())
      .where('grows', '=', sql.lit(1))
      .orderBy('id', 'desc')
      .executeTakeFirst();
    return row?.wave ?? null;
  }

  async function endWave(trx: Pick<Database, 'updateTable'>): Promise<void> {
    const grown = trx.updateTable('messages').set({ grows: 0 }).where('room_id', '=', options.roomId());
    await grown.where('grows', '=', sql.lit(1)).execute();
  }

  function contentOf(told: readonly DigestEvent[], entries: readonly Entry[]): Message {
    const counts = countEvents(told);
    const lastedMs = spanOf(told.map(({ receivedAt }) => receivedAt));
    return digestMessage({ entries, counts, lastedMs, about: 'wave' });
  }

  /** Of deliveries as many as have room beside what a message tells of already. */
  async function fit(before: readonly DigestEvent[], deliveries: readonly DueDelivery[]) {
    const entries = await readEntries(db, [...before, ...deliveries], clock);
    // What it tells of already comes first, and stays.
    const shownAlready = new Set(before.map(({ subject }) => subject)).size;
    const count = Math.max(shownAlready, countWithin(entries.map(costOf), options.digestUnits()));
    const kept = entries.slice(0, count);
    const shown = new Set(kept.map(({ subject }) => subject));
    return { fitting: deliveries.filter(({ subject }) => shown.has(subject)), entries: kept };
  }

  return {
    get isKnownToBeOff() {
      return isOn === false;
    },
    async isOn(account) {
      const now = clock.monotonic();
      if (isOn !== null && now - lookedAt < LOOK_MS) return isOn;
      lookedAt = now;
      isOn ??= (await wave()) !== null;
      const count = isOn ? Math.floor(waves.digestAbove * CALM_SHARE) : waves.digestAbove;
      const busy = await exceedsRate(db, options.roomId(), { since: clock.now() - RATE_MS, count });
      const said = { room: options.roomName, account: account.id };
      if (busy && !isOn)
        log.info(said, `room ${options.roomName}: a wave begins, one digest takes the place of messages`);
      if (!busy && isOn) {
        await db.transaction().execute(async (trx) => {
          await cardsAfterWave(trx, options.roomId(), clock.now());
          await endWave(trx);
        });
        log.info(said, `room ${options.roomName}: the wave is over`);
      }
      isOn = busy;
      return isOn;
    },

    async grow(deliveries, account) {
      const current = options.canGrow
        ? await editable(account).where('m.grows', '=', sql.lit(1)).executeTakeFirst()
        : undefined;
      if (current !== undefined) {
        const before = await carriedBy(db, current.id);
        const isFull = before.length >= MOST_CARRIED;
        const { fitting, entries } = isFull ? noneFits : await fit(before, deliveries);
        if (fitting.length > 0) {
          const content = contentOf([...before, ...fitting], entries);
          return { deliveries: fitting, message: { kind: 'shown', message: current }, content };
        }
      }
      const first = await wave();
      await endWave(db);
      const { fitting, entries } = await fit([], deliveries);
      const content = contentOf(fitting, entries);
      const subject = fitting[0]!.subject;
      const place: WavePlace = first === null ? { kind: 'first' } : { kind: 'continues', first };
      return { deliveries: fitting, message: newMessage({ subject, kind: 'digest', wave: place }), content };
    },

    async redraw(stale) {
      const told = await carriedBy(db, stale.id);
      return {
        deliveries: [],
        message: { kind: 'shown', message: stale },
        content: contentOf(told, await readEntries(db, told, clock)),
      };
    },
  };
}

const noneFits: { readonly fitting: readonly DueDelivery[]; readonly entries: readonly Entry[] } = {
  fitting: [],
  entries: [],
};

/** From the first of some instants to the last, in milliseconds; without any 0. */
function spanOf(instants: readonly number[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const at of instants) {
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  return instants.length === 0 ? 0 : last - first;
}
