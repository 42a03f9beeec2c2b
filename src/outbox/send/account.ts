import pLimit from 'p-limit';
import type { Account, Adapter } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Bell, createBell } from '../../time/bell.ts';
import type { Clock } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { AccountId } from '../../words.ts';
import { AccountPace, type Turn } from './account-pace.ts';
import type { AccountState } from './account-state.ts';

/** Time without a login after which operators are told, ms. */
const TOLD_AFTER_MS = 120_000;
/** Delay before credentials that the platform refused are tried again, ms. */
const BROKEN_RETRY_MS = 5 * 60_000;
/** Delay before the next login after our own code failed in it, ms. */
const FAILED_RETRY_MS = 30_000;

/** Most rooms of an account that are opened at the same time. An adapter has at most 64 connections to a server. */
const OPENED_AT_ONCE = 48;
/** The same for rooms whose last opening failed: those of a server that does not answer keep no others waiting. */
const OPENED_AGAIN_AT_ONCE = 8;

export interface OpeningOccasion {
  /** The user as which the room is opened. */
  readonly account: Account;
  readonly hadTrouble: boolean;
  readonly signal: AbortSignal;
}

/** Keeps one account logged in, and makes all its rooms wait while the platform says so. */
export interface AccountKeeper {
  readonly id: AccountId;
  readonly adapter: Adapter;
  readonly state: AccountState;
  /** Time of the last send of this account that got through, Unix milliseconds; null: none since the start. */
  readonly lastSuccessAt: number | null;
  /**
   * Opens a room, when fewer than `OPENED_AT_ONCE` are being opened: messages do not wait behind all rooms of the account. `hadTrouble`: its
   * last opening failed, so that it has one of the few other places. Null: `signal` was aborted, or another user is logged in by then.
   */
  openRoom<T>(open: () => Promise<T>, occasion: OpeningOccasion): Promise<T | null>;
  /** Resolves with the account once it may send; null when `signal` is aborted. */
  ready(signal: AbortSignal): Promise<Account | null>;
  /** True if the platform told the account to wait a moment ago. */
  readonly isLimited: boolean;
  succeeded(): void;
  /** Resolves when it is the room's turn: while the platform limits the account, rooms send one after the other. At once if nothing limits it. */
  turn(room: number, urgency: number, signal: AbortSignal): Promise<Turn>;
  /**
   * The same for an answer to a command. It is as urgent as the least urgent room. `last`: an answer for people who may not change
   * anything, which goes only when no room has anything to send.
   */
  answerTurn(rank: 'usual' | 'last', signal: AbortSignal): Promise<Turn>;
  /** Lets no room of this account send before `waitMs` are over. */
  pause(waitMs: number): void;
  /** The platform refused our credentials: all rooms wait until a login succeeds. */
  broken(reason: string): void;
  /** Lets no room begin to send while `change` puts another adapter's settings into effect, then logs in again. */
  logInAgain(change: () => Promise<void>): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface AccountKeeperOptions {
  readonly id: AccountId;
  readonly adapter: Adapter;
  /** Returns another account that is logged in as this user; null: there is none. */
  readonly sameUser: (account: Account) => AccountId | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the platform begins to refuse everything from us. */
  readonly onBroken: (reason: string) => void;
  /** Called once when the platform has not let us log in for `TOLD_AFTER_MS`. */
  readonly onUnreachable: (reason: string) => void;
  /** Called at every login that succeeds. */
  readonly onWorks: () => void;
}

export function createAccountKeeper(options: AccountKeeperOptions): AccountKeeper {
  return new Keeper(options);
}

class Keeper implements AccountKeeper {
  readonly id: AccountId;
  readonly adapter: Adapter;
  readonly #options: AccountKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #changed: Bell;
  readonly #waiters = new Set<Bell>();
  readonly #pace: AccountPace;
  readonly #openings = { first: pLimit(OPENED_AT_ONCE), again: pLimit(OPENED_AGAIN_AT_ONCE) };
  #state: AccountState = { state: 'loggingIn', trouble: null };
  #lastSuccessAt: number | null = null;
  #wasBroken = false;
  /** Since when the platform does not let us log in, by the monotonic clock; null: it does. */
  #troubleSince: number | null = null;
  #running: Promise<void> | null = null;
  /** Number of times that the adapter changed. */
  #changes = 0;

  constructor(options: AccountKeeperOptions) {
    this.id = options.id;
    this.adapter = options.adapter;
    this.#options = options;
    this.#changed = createBell(options.clock);
    this.#pace = new AccountPace(options.clock, async (signal) => (await this.ready(signal)) !== null);
  }

  async openRoom<T>(open: () => Promise<T>, { account, hadTrouble, signal }: OpeningOccasion): Promise<T | null> {
    const openings = this.#openings[hadTrouble ? 'again' : 'first'];
    const opened = openings(() => (signal.aborted ? null : open()));
    // One that is to end does not wait for those before it.
    const result = await unlessStopped(opened, signal, null);
    const isSame = this.#state.state === 'ready' && this.#state.account.id === account.id;
    return isSame ? result : null;
  }

  get state(): AccountState {
    return this.#state;
  }

  get lastSuccessAt(): number | null {
    return this.#lastSuccessAt;
  }

  get isLimited(): boolean {
    return this.#pace.isLimited;
  }

  async ready(signal: AbortSignal): Promise<Account | null> {
    const bell = createBell(this.#options.clock);
    this.#waiters.add(bell);
    try {
      while (!signal.aborted) {
        const { waitMs } = this.#pace;
        const state = this.#state;
        if (state.state === 'ready' && waitMs <= 0) return state.account;
        await bell.wait(state.state === 'ready' ? waitMs : BROKEN_RETRY_MS, signal);
      }
      return null;
    } finally {
      this.#waiters.delete(bell);
    }
  }

  succeeded(): void {
    this.#lastSuccessAt = this.#options.clock.now();
  }

  turn(room: number, urgency: number, signal: AbortSignal): Promise<Turn> {
    return this.#pace.turn(room, urgency, signal);
  }

  answerTurn(rank: 'usual' | 'last', signal: AbortSignal): Promise<Turn> {
    return this.#pace.answerTurn(rank, signal);
  }

  pause(waitMs: number): void {
    this.#pace.pause(waitMs);
  }

  broken(reason: string): void {
    // Each room of the account may say so: only the first ends the wait, or the others would cut the rest short.
    if (this.#state.state === 'broken') return;
    this.#becomeBroken(reason);
    this.#changed.ring();
  }

  async logInAgain(change: () => Promise<void>): Promise<void> {
    this.#changes++;
    this.#become({ state: 'loggingIn', trouble: null });
    await change();
    this.#become({ state: 'loggingIn', trouble: null });
    this.#pace.endPause();
    this.#changed.ring();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { id, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#logIn();
        while (this.#state.state === 'ready' && !signal.aborted) await this.#changed.wait(BROKEN_RETRY_MS, signal);
        if (this.#state.state === 'broken' && !signal.aborted) await this.#changed.wait(BROKEN_RETRY_MS, signal);
      } catch (err) {
        const text = `logging in on ${id} failed; retrying in ${FAILED_RETRY_MS / 1_000} s`;
        log.error({ ...fieldsOf(this), err }, text);
        await this.#changed.wait(FAILED_RETRY_MS, signal);
      }
    }
  }

  async #logIn(): Promise<void> {
    const { id, adapter, log } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const changes = this.#changes;
      const result = await adapter.login(signal);
      if (signal.aborted) return;
      if (changes !== this.#changes) {
        // It is the answer to the adapter before. The bell rings, or has rung, when the next one is there.
        await this.#changed.wait(BROKEN_RETRY_MS, signal);
        attempt = 0;
        continue;
      }
      switch (result.outcome) {
        case 'ready': {
          const { account } = result;
          const twin = this.#options.sameUser(account);
          if (twin !== null) {
            this.#becomeBroken(
              `${account.id} is logged in as the account ${twin} already: each account needs a user of its own`,
            );
            await this.#changed.wait(BROKEN_RETRY_MS, signal);
            break;
          }
          log.info({ ...fieldsOf(this), user: account.id }, `logged in on ${id}`);
          this.#become({ state: 'ready', account });
          this.#options.onWorks();
          this.#wasBroken = false;
          return;
        }
        case 'later': {
          const { reason } = result;
          const waitMs = backoffMs(attempt, { askedMs: result.waitMs });
          log.warn(
            { ...fieldsOf(this), reason },
            `cannot log in on ${id} yet (${reason}); retrying in ${Math.ceil(waitMs / 1000)} s, nothing is lost`,
          );
          this.#noteTrouble(reason);
          await this.#changed.wait(waitMs, signal);
          break;
        }
        case 'accountBroken':
          this.#becomeBroken(result.reason);
          await this.#changed.wait(BROKEN_RETRY_MS, signal);
          break;
        default:
          result satisfies never;
      }
    }
  }

  /** Notes why the account is not logged in, unless it is refused. */
  #noteTrouble(reason: string): void {
    if (this.#state.state !== 'loggingIn') return;
    const { clock, onUnreachable } = this.#options;
    const since = this.#state.trouble?.since ?? clock.wall();
    this.#troubleSince ??= clock.monotonic();
    this.#become({ state: 'loggingIn', trouble: { since, reason } });
    if (this.#wasBroken || clock.monotonic() - this.#troubleSince < TOLD_AFTER_MS) return;
    this.#wasBroken = true;
    onUnreachable(reason);
  }

  #become(next: AccountState): void {
    this.#state = next;
    if (next.state !== 'loggingIn' || next.trouble === null) this.#troubleSince = null;
    for (const waiter of this.#waiters) waiter.ring();
  }

  #becomeBroken(reason: string): void {
    const { id, clock, log, onBroken } = this.#options;
    if (this.#state.state !== 'broken') {
      this.#wasBroken = true;
      onBroken(reason);
      log.error(
        { ...fieldsOf(this), reason },
        `${id} takes nothing from us (${reason}): its rooms wait, nothing is lost; it is tried again every 5 min`,
      );
    }
    this.#become({ state: 'broken', since: clock.wall(), reason });
  }
}

/** The fields of a log line about an account. */
const fieldsOf = ({ id, adapter }: Pick<AccountKeeper, 'id' | 'adapter'>) => ({
  platform: adapter.platform,
  account: id,
});
