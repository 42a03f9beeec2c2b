import type { Clock } from '../../../time/clock.ts';
import type { Refusal } from './refusal.ts';
import { signDevice, type TrustOptions } from './trust.ts';

/** Delay before trust is looked at again that was refused, ms. */
const againMs = 60_000;

/** Looks whether our device is signed, once and one look at a time, for all who ask. */
export class TrustGate {
  readonly #options: Omit<TrustOptions, 'machine' | 'requests'> & { readonly clock: Clock };
  #looking: Promise<Refusal | null> | null = null;
  /** The earliest time of the next look, by the monotonic clock. */
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(options: Omit<TrustOptions, 'machine' | 'requests'> & { readonly clock: Clock }) {
    this.#options = options;
  }

  /** Returns why our device is not trusted; null: it is. */
  async refusal(parts: Pick<TrustOptions, 'machine' | 'requests'>, signal: AbortSignal): Promise<Refusal | null> {
    const { clock } = this.#options;
    if (this.#looking !== null && clock.monotonic() < this.#nextAt) return this.#looking;
    this.#nextAt = Number.POSITIVE_INFINITY;
    // Two at once could make two identities.
    const before = this.#looking?.catch(() => null) ?? Promise.resolve();
    this.#looking = before.then(() => signDevice({ ...this.#options, ...parts }));
    const refused = await this.#looking.catch((error: unknown) => {
      this.#nextAt = Number.NEGATIVE_INFINITY;
      throw error;
    });
    if (refused !== null) this.#nextAt = clock.monotonic() + (refused.kind === 'failed' ? 0 : againMs);
    return signal.aborted ? aborted : refused;
  }

  /** Something may have changed: the next who asks has it looked at. */
  lookAgain(): void {
    this.#nextAt = Number.NEGATIVE_INFINITY;
  }
}

const aborted: Refusal = { kind: 'failed', failure: { kind: 'unanswered', written: false, text: 'aborted' } };
