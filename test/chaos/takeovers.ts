/** Time after a fault has ended from which on its worker is taken to have kept its lease, ms. */
const keptAfterMs = 3_000;

/** The times for which no process worked, because a fault struck the one that did. */
export interface Takeovers {
  /** From one fault on the worker until the next one works, with others that stood by undisturbed, ms. */
  readonly plain: readonly number[];
  /** The same while faults struck other processes, too, ms. */
  readonly disturbed: readonly number[];
  /** Number of changes of hands that no fault on the worker explains. */
  unexplained(): number;
  /** A fault strikes the worker, or another process. */
  struck(isWorker: boolean): void;
  /** A fault has ended by itself; its worker may have kept the lease. */
  healed(): void;
  /** All processes end together: the next start is not a takeover. */
  forget(): void;
  /** A process began to work. */
  began(): void;
}

export function createTakeovers(): Takeovers {
  const plain: number[] = [];
  const disturbed: number[] = [];
  let unexplained = 0;
  let lostAt: number | null = null;
  let strikes = 0;
  let isExpected = true;
  return {
    plain,
    disturbed,
    unexplained: () => unexplained,
    struck(isWorker) {
      if (lostAt !== null || isWorker) strikes++;
      if (isWorker) lostAt ??= performance.now();
    },
    healed() {
      const before = lostAt;
      setTimeout(() => {
        if (lostAt !== before) return;
        lostAt = null;
        strikes = 0;
      }, keptAfterMs).unref();
    },
    forget() {
      lostAt = null;
      isExpected = true;
    },
    began() {
      if (lostAt !== null) (strikes === 1 ? plain : disturbed).push(performance.now() - lostAt);
      else if (!isExpected) unexplained++;
      lostAt = null;
      strikes = 0;
      isExpected = false;
    },
  };
}
