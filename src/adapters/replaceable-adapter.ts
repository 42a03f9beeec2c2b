import { type Clock, sleep } from '../time/clock.ts';
import type { Adapter, Listener } from './adapter.ts';

/** Longest time to wait for the answers to requests before the adapter is stopped all the same, ms. */
const ANSWERS_MS = 10_000;
/** Wait of what begins meanwhile, ms. */
const AGAIN_MS = 500;

/** An adapter in whose place another one of the same platform can be put while Lookout runs. */
export interface ReplaceableAdapter extends Adapter {
  /**
   * Stops the present adapter once its sends have their answers, and makes the next one: two never run at once. A send
   * that begins meanwhile is not accepted.
   */
  replace(make: () => Promise<Adapter>): Promise<void>;
  /** Stops the present adapter in the same way, for good or until the next one is made. */
  end(): Promise<void>;
}

export function createReplaceableAdapter(first: Adapter, clock: Clock): ReplaceableAdapter {
  let current = first;
  let listener: Listener | null = null;
  let isReplaced = false;
  let isEnded = false;
  const sending = new Set<Promise<unknown>>();

  async function answered(): Promise<void> {
    const tooLate = new AbortController();
    await Promise.race([Promise.allSettled(sending), sleep(clock, ANSWERS_MS, tooLate.signal)]);
    tooLate.abort();
  }

  async function end(): Promise<void> {
    isReplaced = true;
    if (isEnded) return;
    await answered();
    isEnded = true;
    await current.stop();
  }

  return {
    // The same for every adapter of a platform.
    platform: first.platform,
    idempotentForMs: first.idempotentForMs,
    canEdit: first.canEdit,
    togetherAtMost: first.togetherAtMost,
    listen(to) {
      listener = to;
      current.listen(to);
    },
    login: async (signal) => (isReplaced ? later : current.login(signal)),
    isAlias: (address) => current.isAlias(address),
    resolve: async (address, signal) => (isReplaced ? later : current.resolve(address, signal)),
    format: (message, key, room, mentions) => current.format(message, key, room, mentions),
    bodyUnits: (room) => current.bodyUnits(room),
    together: (messages, key, room, mentions) => current.together(messages, key, room, mentions),
    gathersSubjects: (room) => current.gathersSubjects(room),
    seals: (room) => current.seals(room),
    describeEncryption: (room) => current.describeEncryption(room),
    connections: () => current.connections(),
    async send(request, signal) {
      if (isReplaced) return notAccepted;
      const sender = current;
      const answer = sender.send(request, signal);
      sending.add(answer);
      try {
        const result = await answer;
        // The account before is refused, not the present one.
        return result.outcome === 'accountBroken' && sender !== current ? notAccepted : result;
      } finally {
        sending.delete(answer);
      }
    },
    find: async (request, signal) => (isReplaced ? later : current.find(request, signal)),
    async stop() {
      if (!isEnded) await current.stop();
    },
    end,
    async replace(make) {
      await end();
      current = await make();
      isEnded = false;
      if (listener !== null) current.listen(listener);
      isReplaced = false;
    },
  };
}

const later = { outcome: 'later', waitMs: AGAIN_MS, reason: 'its settings are being changed' } as const;
const notAccepted = { ...later, outcome: 'notAccepted', scope: 'room' } as const;
