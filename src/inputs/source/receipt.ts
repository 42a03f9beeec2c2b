import type { Clock } from '../../time/clock.ts';
import { type Moment, momentNow, wallTimeOf } from '../../time/moment.ts';

/** Events that may be missed: from when, Unix milliseconds, and why. */
export interface MissedEvents {
  readonly from: number;
  readonly reason: string;
}

/** Knows until when everything that the source sent was received, and from when on events may be missed. */
export class Receipt {
  readonly #clock: Clock;
  /** Returns the time of the latest frame of the present connection; null: it has none. */
  readonly #connectionFrameAt: () => Moment | null;
  /** Time of the latest frame of a subscription. */
  #proof: Moment | null = null;
  /** Time from which on events may be missed; null while subscribed. `why` is null until something fails. */
  #missing: { readonly from: Moment; readonly why: string | null } | null = null;

  constructor(clock: Clock, connectionFrameAt: () => Moment | null) {
    this.#clock = clock;
    this.#connectionFrameAt = connectionFrameAt;
  }

  /** Everything that the source sent before this instant was received, Unix milliseconds; null before the first frame. */
  get until(): number | null {
    this.#noteProof();
    return this.#proof === null ? null : this.#wall(this.#proof);
  }

  /** Time of the latest frame of the present connection, or now if it has none; Unix milliseconds. */
  get lastFrameAt(): number {
    return this.#wall(this.#lastFrame());
  }

  /** Call this when the source begins to connect: nothing was missed before. */
  begin(): void {
    this.#missing = { from: momentNow(this.#clock), why: null };
  }

  /** Call this before the connection is replaced. Returns from when on events may be missed, Unix milliseconds. */
  fail(why: string): number {
    this.#noteProof();
    this.#missing = { from: this.#missing?.from ?? this.#lastFrame(), why: this.#missing?.why ?? why };
    return this.#wall(this.#missing.from);
  }

  /** Call this when a subscription is confirmed. Returns what may be missed; null: nothing failed. */
  resume(): MissedEvents | null {
    const missing = this.#missing;
    this.#missing = null;
    return missing === null || missing.why === null ? null : { from: this.#wall(missing.from), reason: missing.why };
  }

  /** Call this before the connection is closed because no events are wanted. */
  end(): void {
    this.#noteProof();
    this.#missing = null;
  }

  #noteProof(): void {
    if (this.#missing === null) this.#proof = this.#connectionFrameAt() ?? this.#proof;
  }

  #lastFrame(): Moment {
    return this.#connectionFrameAt() ?? momentNow(this.#clock);
  }

  #wall(moment: Moment): number {
    return wallTimeOf(moment, this.#clock);
  }
}
