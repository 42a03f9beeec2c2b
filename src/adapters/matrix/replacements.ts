import type { Log } from '../../log.ts';
import { objectOf } from '../../text/json.ts';
import type { Clock } from '../../time/clock.ts';
import { askPatiently } from './ask-patiently.ts';
import type { Call, HomeserverClient } from './client.ts';
import { isPutOut, putOutText } from './membership.ts';
import { printable } from './printable.ts';
import { joinTimeoutMs } from './resolve.ts';
import { type Rooms, serversOf } from './rooms.ts';

export interface ReplacementsOptions {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  readonly rooms: Rooms;
  /** Returns the account's id. */
  readonly user: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when we are in the new room. */
  readonly onReplaced: (from: string, to: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Follows rooms to those that replace them, in the background. */
export interface Replacements {
  /** `by` put up the tombstone of `from`, which points to `to`. */
  replaced(from: string, to: string, by: string): void;
  /** Handles an invitation. Returns true if the room is one that we could not follow to before: it is tried again. */
  invited(room: string): boolean;
  /** Number of replacements that are not finished. */
  readonly pending: number;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

/** The most rooms that are kept: those that did not let us in stay, in case an invitation follows. */
const expectedLimit = 1_000;

export function createReplacements(options: ReplacementsOptions): Replacements {
  return new FollowedRooms(options);
}

class FollowedRooms implements Replacements {
  readonly #options: ReplacementsOptions;
  /** Where we are not yet: the room that it replaces, and who said so. */
  readonly #expected = new Map<string, { readonly from: string; readonly by: string }>();
  /** One after the other: in a chain of upgrades the last comes last. */
  #last = Promise.resolve();
  #pending = 0;

  constructor(options: ReplacementsOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  settled(): Promise<void> {
    return this.#last;
  }

  replaced(from: string, to: string, by: string): void {
    const [oldest] = this.#expected.keys();
    if (this.#expected.size >= expectedLimit && oldest !== undefined) this.#expected.delete(oldest);
    this.#expected.set(to, { from, by });
    this.#start(to);
  }

  invited(room: string): boolean {
    if (!this.#expected.has(room)) return false;
    this.#start(room);
    return true;
  }

  #start(to: string): void {
    const { log } = this.#options;
    this.#pending++;
    this.#last = this.#last
      .then(() => this.#follow(to))
      .catch((err: unknown) =>
        log.error({ platform: 'matrix', room: printable(to), err }, 'a replaced room could not be followed'),
      )
      .finally(() => {
        this.#pending--;
      });
  }

  async #follow(to: string): Promise<void> {
    const found = this.#expected.get(to);
    // An invitation came while we joined.
    if (found === undefined) return;
    const { from, by } = found;
    const { log, rooms, user, signal, onReplaced } = this.#options;
    const fields = { platform: 'matrix', room: printable(from) };
    const warn = (why: string) =>
      log.warn(fields, `could not follow ${printable(from)} to ${printable(to)}, which replaces it: ${why}`);
    const membership = await rooms.membership(to, user(), signal);
    if (!('kind' in membership) && isPutOut(membership, user())) return warn(putOutText(membership, user()));
    const joined = await askPatiently(joinCall(to, by), this.#options);
    if (joined.outcome === 'stopped') return;
    if (joined.outcome === 'refused') return warn(`${joined.reason}; an invitation is accepted`);
    this.#expected.delete(to);
    const path = `/rooms/${encodeURIComponent(to)}/state/m.room.create/`;
    const created = await askPatiently({ method: 'GET', path }, this.#options);
    if (created.outcome === 'stopped') return;
    if (created.outcome === 'refused') return warn(created.reason);
    // Else the admins of one room could send all that it hears to another room, where they have no say.
    if (objectOf(created.body.predecessor).room_id !== from)
      return warn('that room does not name it as its predecessor');
    log.info(fields, `followed ${printable(from)} to ${printable(to)}`);
    await onReplaced(from, to);
  }
}

/** The request that joins a room through the servers of the room and of `by`. */
function joinCall(room: string, by: string): Call {
  const via = serversOf([by, room]);
  return {
    method: 'POST',
    path: `/join/${encodeURIComponent(room)}`,
    query: { via, server_name: via },
    body: '{}',
    timeoutMs: joinTimeoutMs,
  };
}
