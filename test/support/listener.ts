import type { Listener } from '../../src/adapters/adapter.ts';

/** A listener that does nothing but what a test names. */
export function createListener(part: Partial<Listener> = {}): Listener {
  return {
    table: [],
    rooms: [],
    turns: { isLimited: false, take: async () => () => {}, limited() {} },
    run: async () => null,
    complete: async () => [],
    ignores: () => false,
    onRoomChanged() {},
    async onRoomReplaced() {},
    ...part,
  };
}
