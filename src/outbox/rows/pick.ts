import type { Database } from '../../store/tables.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import {
  asDelivery,
  asWaiting,
  type DueDelivery,
  deliveryById,
  type ReadyRow,
  readyDeliveries,
} from './due-deliveries.ts';
import { type HeldBy, holdBehind } from './hold-behind.ts';
import { firstOf, type Line, lineOf, readLine, take, type Waiting } from './subject-line.ts';

export interface PickerOptions {
  readonly db: Database;
  readonly roomId: number;
  /** Instant until which deliveries are due, Unix milliseconds. */
  readonly now: number;
  readonly inOrder: SendSafeguards['inOrder'];
  /** Number of deliveries that are probably enough. */
  readonly expected: number;
}

/** Most deliveries that are read for one message. */
const MOST_LOOKED_AT = 1_200;

/**
 * Gives the deliveries that are due in a room one by one, none twice.
 *
 * It picks by priority, then by arrival, and within a subject by its order. A picked delivery counts as sent, so that the next one of its
 * subject is free. A subject is held back while a delivery of it is in a send without a clear answer, or while its first delivery
 * is not due yet: its deliveries then become due when that one does, so that they are not read again before.
 *
 * It reads a page of about `expected` deliveries, and a larger one only if that was not enough: its work does not grow with the backlog.
 */
export class Picker {
  readonly #options: PickerOptions;
  readonly #taken = new Set<number>();
  /** Subjects that are skipped. */
  readonly #left = new Set<string>();
  readonly #lines = new Map<string, Line>();
  #held = 0;
  /** The id of the room's newest event when the first page was read. */
  #newestStored: number | null = null;
  #page: readonly ReadyRow[] = [];
  #at = 0;
  #limit = 0;

  constructor(options: PickerOptions) {
    this.#options = options;
  }

  /** Number of subjects that turned out to have to wait. */
  get held(): number {
    return this.#held;
  }

  /** Skips the subject of a delivery that was picked and is not taken. */
  skipSubject({ subject }: DueDelivery): void {
    this.#left.add(subject);
  }

  /** The next one; null if nothing (more) is due. */
  async next(): Promise<DueDelivery | null> {
    for (;;) {
      const row = this.#page[this.#at];
      if (row === undefined) {
        if (!(await this.#turnPage())) return null;
      } else if (this.#taken.has(row.id) || this.#left.has(row.subject)) this.#at++;
      else if (row.isBlocked) await this.#hold(row.subject, 'open send');
      else {
        const picked = await this.#pickFirst(row);
        if (picked !== null) return picked;
      }
    }
  }

  /** Reads the page, at first and when it was used up. Returns false if there is nothing beyond it. */
  async #turnPage(): Promise<boolean> {
    const { db, roomId, expected } = this.#options;
    if ((this.#limit > 0 && this.#page.length < this.#limit) || this.#limit >= MOST_LOOKED_AT) return false;
    this.#limit = this.#limit === 0 ? expected : Math.min(MOST_LOOKED_AT, this.#limit * 4);
    this.#page = await readyDeliveries.all(db, { roomId, limit: this.#limit });
    this.#at = 0;
    this.#newestStored ??= this.#page[0]?.newestStored ?? null;
    return this.#page.length > 0;
  }

  /** Picks the first delivery of a row's subject; null if it is not due, or the rest of a long line has to be read first. */
  async #pickFirst(row: ReadyRow): Promise<DueDelivery | null> {
    const first = await this.#firstOfSubject(row);
    if (first !== null && !(first instanceof Error) && first.dueAt <= this.#options.now) return this.#load(first);
    this.#left.add(row.subject);
    if (first instanceof Error) return this.#picked(row, asWaiting(row), first);
    if (first !== null) await this.#hold(row.subject, first);
    return null;
  }

  /** Returns the first of a row's subject; an error if our own code fails to find it, null if the rest of a long line has to be read first. */
  async #firstOfSubject(row: ReadyRow): Promise<Waiting | Error | null> {
    const { inOrder, now } = this.#options;
    const line = await this.#findLine(row);
    try {
      const first = firstOf(line, inOrder);
      if (first !== null && first.dueAt <= now) take(line, first);
      return first;
    } catch (err) {
      return err instanceof Error ? err : new Error(String(err));
    }
  }

  async #findLine(row: ReadyRow): Promise<Line> {
    const known = this.#lines.get(row.subject);
    if (known !== undefined) return known;
    const { db, roomId } = this.#options;
    const isOnly = !row.hasOthers && row.triggerId === null;
    const line = isOnly ? lineOf([asWaiting(row)]) : await readLine(db, roomId, row.subject);
    this.#lines.set(row.subject, line);
    return line;
  }

  async #load(place: Waiting): Promise<DueDelivery> {
    const { deliveryId: id } = place;
    this.#taken.add(id);
    const row = this.#page.find((each) => each.id === id) ?? (await deliveryById.first(this.#options.db, { id }));
    if (row === undefined) throw new Error(`delivery ${id} is not in the store`);
    return this.#picked(row, place, null);
  }

  #picked(row: Parameters<typeof asDelivery>[0], place: Waiting, failure: Error | null): DueDelivery {
    return asDelivery(row, { place, newestStored: this.#newestStored ?? 0, failure });
  }

  async #hold(subject: string, by: HeldBy): Promise<void> {
    const { db, roomId, now } = this.#options;
    this.#left.add(subject);
    this.#held++;
    await holdBehind(db, roomId, subject, by, now);
  }
}
