import type { Clock } from '../time/clock.ts';
import type { CableClient } from './cable-client.ts';
import type { OccasionalLog } from './occasional-log.ts';

/** Time for a client to send its key before it is disconnected, ms. */
const keyWithinMs = 30_000;
/** Largest number of clients without a key. Above it, the one that has been connected longest is disconnected. */
const maxStrangers = 1_000;

/** The clients that have not sent a key yet. Those that send none in time are disconnected. */
export class Strangers {
  readonly #clock: Clock;
  readonly #occasionally: OccasionalLog;
  /** Oldest first, each with the function that cancels its timer. */
  readonly #clients = new Map<CableClient, () => void>();

  constructor(clock: Clock, occasionally: OccasionalLog) {
    this.#clock = clock;
    this.#occasionally = occasionally;
  }

  add(client: CableClient): void {
    this.#clients.set(
      client,
      this.#clock.after(keyWithinMs, () => this.#sendAway(client, 'no_key_in_time')),
    );
    const [longest] = this.#clients.keys();
    if (this.#clients.size > maxStrangers && longest !== undefined) this.#sendAway(longest, 'too_many_without_key');
  }

  /** Stops waiting for the client's key. */
  forget(client: CableClient): void {
    this.#clients.get(client)?.();
    this.#clients.delete(client);
  }

  forgetAll(): void {
    for (const client of [...this.#clients.keys()]) this.forget(client);
  }

  #sendAway(client: CableClient, reason: 'no_key_in_time' | 'too_many_without_key'): void {
    this.forget(client);
    this.#occasionally.warn({ reason }, 'disconnected a client that sent no key');
    client.dismiss(reason);
  }
}
