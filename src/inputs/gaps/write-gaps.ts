import type { Log } from '../../log.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import type { Clock } from '../../time/clock.ts';
import { type NewGap, noteGap, openSince } from './gap-rows.ts';
import { noteHeardUntil } from './heard-until.ts';

export interface GapWriterOptions {
  readonly db: Database;
  readonly source: string;
  /** Returns the age after which a gap is given up, ms. */
  readonly maxAgeMs: () => number;
  /** Fetches what was missed since an instant (Unix milliseconds). */
  readonly recover: (from: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Stores gaps and the marks until which the source was received, one after the other. A gap that could not be stored is
 * stored before the next mark, because the mark would hide it.
 */
export class GapWriter {
  readonly #options: GapWriterOptions;
  readonly #toWrite: NewGap[] = [];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: GapWriterOptions) {
    this.#options = options;
  }

  /** Stores a gap, then fetches all open ones. */
  add(gap: NewGap): void {
    this.#toWrite.push(gap);
    void this.#inTurn(async () => {
      // Fetch the gap even while it cannot be stored.
      if ((await this.#writeGaps()) === 'left') this.#options.recover(gap.from);
    });
  }

  /** Stores the mark `at` (Unix milliseconds) and the gaps before it. Never rejects. */
  mark(at: number): Promise<'noted' | 'not noted'> {
    return this.#inTurn(() => this.#mark(at));
  }

  /** Resolves when everything before it was tried. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done;
    return done;
  }

  async #mark(at: number): Promise<'noted' | 'not noted'> {
    const { db, source, log } = this.#options;
    try {
      if ((await this.#writeGaps()) === 'left') return 'not noted';
      await noteHeardUntil(db, source, at);
      return 'noted';
    } catch (err) {
      logFailure(log, err, {}, 'could not store how far the source was received; retrying');
      return 'not noted';
    }
  }

  /** Stores the new gaps, then fetches all open ones. Never rejects. */
  async #writeGaps(): Promise<'written' | 'left'> {
    if (this.#toWrite.length === 0) return 'written';
    const { db, source, maxAgeMs, recover, clock, log } = this.#options;
    try {
      for (let first = this.#toWrite[0]; first !== undefined; first = this.#toWrite[0]) {
        const { from, until } = await noteGap(db, source, first);
        if (from < first.from || until > first.until)
          log.info({ from, until }, `merged with the gap before: from ${iso(from)} to ${iso(until)}`);
        this.#toWrite.shift();
      }
      const since = await openSince(db, source, { now: clock.wall(), maxAgeMs: maxAgeMs() });
      if (since !== null) recover(since);
      return 'written';
    } catch (err) {
      logFailure(log, err, {}, 'could not store a gap; retrying');
      return 'left';
    }
  }
}

const iso = (unixMs: number) => new Date(unixMs).toISOString();
