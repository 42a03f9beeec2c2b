import type { Clock } from '../time/clock.ts';
import type { Reloaded } from './reloader.ts';

/** The outcome of the last reload of the configuration: good from the start on. */
export class LastReload {
  readonly #clock: Clock;
  isGood = true;
  /** Time at which a reload went well, Unix milliseconds. */
  goodAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.goodAt = clock.wall();
  }

  ended({ outcome }: Pick<Reloaded, 'outcome'>): void {
    this.isGood = outcome === 'applied';
    if (this.isGood) this.goodAt = this.#clock.wall();
  }
}
