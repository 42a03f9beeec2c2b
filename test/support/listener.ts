import type { Listener } from '../../src/adapters/adapter.ts';

/** Returns a listener that only does what a test defines. */
export function createListener(part: Partial<Listener> = {}): Listener {
  return {
    table: [],
    rooms: [],
    turns: { isLimited: false, take: async () => () => {}, limited() {} },
    run: async () => null,
    complete: async () => [],
    ignores: () => false,
    isForUs: () => true,
    roomNames: [],
    namedRoom: () => null,
    greet: async () => null,
    onRoomChanged() {},
    async onRoomReplaced() {},
    ...part,
  };
}
