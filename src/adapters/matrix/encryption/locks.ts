/** Runs work one after the other. */
export interface Lock {
  /** Runs `work` when all that was given before has ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const next = last.then(work, work);
      last = next.catch(() => {});
      return next;
    },
  };
}

/** Creates locks by name; work under different names runs at the same time. */
export function createLocks(): (name: string) => Lock {
  const locks = new Map<string, Lock>();
  return (name) => {
    const known = locks.get(name) ?? createLock();
    locks.set(name, known);
    return known;
  };
}
