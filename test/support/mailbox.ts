/** A queue of items for a test that waits for the next one without sleeping. */
export interface Mailbox<T> {
  put(item: T): void;
  /** Returns the oldest item that was not taken yet; waits for one if there is none. */
  take(): Promise<T>;
}

export function createMailbox<T>(): Mailbox<T> {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put(item) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    take() {
      if (items.length > 0) return Promise.resolve(items.shift() as T);
      return new Promise((resolve) => takers.push(resolve));
    },
  };
}
