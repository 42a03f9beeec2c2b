/** Time after a fault has ended from which on a process is taken to have kept its leases, ms. */
const keptAfterMs = 3_000;

/** The times for which no process worked on a unit, because a fault struck the one that did. */
export interface Takeovers {
  /** From one fault on the process of a unit until the next one works on it, with the others undisturbed, ms. */
  readonly plain: readonly number[];
  /** The same while faults struck other processes, too, ms. */
  readonly disturbed: readonly number[];
  /** Number of changes of hands that no fault on the process of the unit explains: to spread the units. */
  unexplained(): number;
  /** A fault strikes the process that has these units; none: another process. */
  struck(units: readonly string[]): void;
  /** A fault has ended by itself; its process may have kept its leases. */
  healed(): void;
  /** All processes end together: the next starts are not takeovers. */
  forget(): void;
  /** A process began to work on a unit. */
  began(unit: string): void;
}

export function createTakeovers(): Takeovers {
  const plain: number[] = [];
  const disturbed: number[] = [];
  let unexplained = 0;
  /** The units without a process, since when, and the number of faults since then. */
  const lost = new Map<string, { readonly at: number; strikes: number }>();
  /** The units that had a process before. */
  const known = new Set<string>();
  return {
    plain,
    disturbed,
    unexplained: () => unexplained,
    struck(units) {
      for (const one of lost.values()) one.strikes++;
      for (const unit of units) if (!lost.has(unit)) lost.set(unit, { at: performance.now(), strikes: 1 });
    },
    healed() {
      const before = new Map(lost);
      setTimeout(() => {
        for (const [unit, one] of before) if (lost.get(unit) === one) lost.delete(unit);
      }, keptAfterMs).unref();
    },
    forget() {
      lost.clear();
      known.clear();
    },
    began(unit) {
      const one = lost.get(unit);
      if (one !== undefined) (one.strikes === 1 ? plain : disturbed).push(performance.now() - one.at);
      else if (known.has(unit)) unexplained++;
      lost.delete(unit);
      known.add(unit);
    },
  };
}
