/** Admits one caller at a time, in the order of arrival. */
export interface Line {
  enter(): Promise<void>;
  leave(): void;
}

export function createLine(): Line {
  let isTaken = false;
  let waiting: (() => void)[] = [];
  let first = 0;
  return {
    async enter() {
      if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
      isTaken = true;
    },
    leave() {
      const next = waiting[first++];
      if (next !== undefined) return next();
      isTaken = false;
      waiting = [];
      first = 0;
    },
  };
}
