/** Random choices that are the same for the same seed. */
export interface Random {
  readonly seed: number;
  /** Returns an integer from 0 to `below` - 1. */
  integer(below: number): number;
  /** Returns true in `percent` of the cases. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

/** mulberry32: 32 bits of state are enough for test data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(next() * below);
  return {
    seed,
    integer,
    chance: (percent) => next() * 100 < percent,
    pick: (from) => {
      const item = from[integer(from.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    shuffle: (items) => {
      const mixed = [...items];
      for (let left = mixed.length - 1; left > 0; left--) {
        const other = integer(left + 1);
        [mixed[left], mixed[other]] = [mixed[other]!, mixed[left]!];
      }
      return mixed;
    },
  };
}

/**
 * Returns the seed: `LOOKOUT_E2E_SEED` repeats a run; without it every run differs. It is printed, so that a failure
 * can be repeated.
 */
export function seedForThisRun(): number {
  const given = process.env.LOOKOUT_E2E_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  console.log(`seed: LOOKOUT_E2E_SEED=${seed}`);
  return seed;
}
