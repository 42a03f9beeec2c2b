import type { Account, Adapter } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import { backoffMs } from '../../time/backoff.ts';
import { type Bell, createBell } from '../../time/bell.ts';
import type { Clock } from '../../time/clock.ts';
import { createTurns, LAST } from './turns.ts';

/** After the platform told an account to wait, it counts as limited for so long, in milliseconds. */
const LIMITED_FOR_MS = 60_000;
/** Answers to commands take turns as if they were a room of their own, which no id is. */
const ANSWERS = -1;
/** They are as urgent as what is least urgent of the events. */
const ANSWER_URGENCY = 4;
/** How long after a refusal of our credentials they are tried again, in milliseconds. */
const BROKEN_RETRY_MS = 5 * 60_000;

export type AccountState =
  | { readonly state: 'loggingIn' }
  | { readonly state: 'ready'; readonly account: Account }
  | { readonly state: 'broken'; readonly since: number; readonly reason: string };

/** Whether a room may send now. */
export type Turn =
  /** Nothing limits the account: rooms take no turns. */
  | { readonly turn: 'free' }
  /** `end` lets the next room send. */
  | { readonly turn: 'taken'; readonly end: () => void }
  /** Nothing more is to be sent. */
  | { readonly turn: 'stopped' };

/** Keeps one account logged in, and makes all its rooms wait while the platform says so. */
export interface AccountKeeper {
  readonly adapter: Adapter;
  readonly state: AccountState;
  /** When a send of this account last got through; null: not since the start. */
  readonly lastSuccessAt: number | null;
  /** Resolves with the account once it may send; null when `signal` is aborted. */
  ready(signal: AbortSignal): Promise<Account | null>;
  /** Whether the platform told the account to wait a moment ago. */
  readonly isLimited: boolean;
  succeeded(): void;
  /** While the platform limits the account, rooms send one after the other: resolves when it is the room's turn, at once where nothing limits it. */
  turn(room: number, urgency: number, signal: AbortSignal): Promise<Turn>;
  /**
   * The same for an answer to a command. It is as the least urgent of rooms; that for somebody who may not change anything goes only
   * when no room has anything to send.
   */
  answerTurn(rank: 'usual' | 'last', signal: AbortSignal): Promise<Turn>;
  /** No room of this account sends before `waitMs` are over. */
  pause(waitMs: number): void;
  /** The platform refused our credentials: all rooms wait until a login succeeds. */
  broken(reason: string): void;
  start(): void;
  stop(): Promise<void>;
}

export interface AccountKeeperOptions {
  readonly adapter: Adapter;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the platform begins to take nothing from us. */
  readonly onBroken: (reason: string) => void;
  /** Called when it takes something again. */
  readonly onWorks: () => void;
}

export function createAccountKeeper(options: AccountKeeperOptions): AccountKeeper {
  const { adapter, clock, log } = options;
  const stopping = new AbortController();
  const changed: Bell = createBell(clock);
  const waiters = new Set<Bell>();
  let state: AccountState = { state: 'loggingIn' };
  /** By the monotonic clock. */
  let notBefore = Number.NEGATIVE_INFINITY;
  const turns = createTurns(clock);
  /** By the monotonic clock: until then the account counts as limited. */
  let limitedUntil = Number.NEGATIVE_INFINITY;
  let lastSuccessAt: number | null = null;
  let wasBroken = false;
  let running: Promise<void> | null = null;

  function become(next: AccountState): void {
    state = next;
    for (const waiter of waiters) waiter.ring();
  }

  async function logIn(): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      const result = await adapter.login(stopping.signal);
      if (stopping.signal.aborted) return;
      switch (result.outcome) {
        case 'ready':
          log.info({ platform: adapter.platform, account: result.account.id }, `logged in on ${adapter.platform}`);
          become({ state: 'ready', account: result.account });
          if (wasBroken) options.onWorks();
          wasBroken = false;
          return;
        case 'later': {
          const waitMs = backoffMs(attempt, { askedMs: result.waitMs });
          log.warn(
            { platform: adapter.platform, reason: result.reason },
            `cannot log in on ${adapter.platform} yet (${result.reason}): next try in ${Math.ceil(waitMs / 1000)} s; nothing is lost`,
          );
          await changed.wait(waitMs, stopping.signal);
          break;
        }
        case 'accountBroken':
          becomeBroken(result.reason);
          await changed.wait(BROKEN_RETRY_MS, stopping.signal);
          break;
        default:
          result satisfies never;
      }
    }
  }

  function becomeBroken(reason: string): void {
    if (state.state !== 'broken') {
      wasBroken = true;
      options.onBroken(reason);
      log.error(
        { platform: adapter.platform, reason },
        `${adapter.platform} takes nothing from us (${reason}): its rooms wait, nothing is lost; mend that and restart, or wait: it is tried again every 5 min`,
      );
    }
    become({ state: 'broken', since: clock.now(), reason });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await logIn();
        while (state.state === 'ready' && !stopping.signal.aborted)
          await changed.wait(BROKEN_RETRY_MS, stopping.signal);
        if (!stopping.signal.aborted) await changed.wait(BROKEN_RETRY_MS, stopping.signal);
      } catch (err) {
        log.error({ platform: adapter.platform, err }, `logging in on ${adapter.platform} failed; next try in 30 s`);
        await changed.wait(30_000, stopping.signal);
      }
    }
  }

  async function ready(signal: AbortSignal): Promise<Account | null> {
    const bell = createBell(clock);
    waiters.add(bell);
    try {
      while (!signal.aborted) {
        const waitMs = notBefore - clock.monotonic();
        if (state.state === 'ready' && waitMs <= 0) return state.account;
        await bell.wait(state.state === 'ready' ? waitMs : BROKEN_RETRY_MS, signal);
      }
      return null;
    } finally {
      waiters.delete(bell);
    }
  }

  async function turn(room: number, urgency: number, signal: AbortSignal): Promise<Turn> {
    if (signal.aborted) return { turn: 'stopped' };
    if (clock.monotonic() >= limitedUntil) return { turn: 'free' };
    await ready(signal);
    const end = await turns.take(room, urgency, signal);
    if (end === null) return { turn: 'stopped' };
    if ((await ready(signal)) !== null) return { turn: 'taken', end };
    end();
    return { turn: 'stopped' };
  }

  /** Whoever is last does not wait with the turn in hand: at the end of a pause the rooms ask first. */
  async function lastTurn(signal: AbortSignal): Promise<Turn> {
    while (!signal.aborted) {
      if (clock.monotonic() >= limitedUntil) return { turn: 'free' };
      await ready(signal);
      const end = await turns.take(ANSWERS, LAST, signal);
      if (end === null) break;
      if (clock.monotonic() >= notBefore) return { turn: 'taken', end };
      end();
    }
    return { turn: 'stopped' };
  }

  return {
    adapter,
    get state() {
      return state;
    },
    get lastSuccessAt() {
      return lastSuccessAt;
    },
    get isLimited() {
      return clock.monotonic() < limitedUntil;
    },
    ready,
    turn,
    answerTurn: (rank, signal) => (rank === 'last' ? lastTurn(signal) : turn(ANSWERS, ANSWER_URGENCY, signal)),
    succeeded() {
      lastSuccessAt = clock.now();
    },
    pause(waitMs) {
      notBefore = Math.max(notBefore, clock.monotonic() + waitMs);
      limitedUntil = notBefore + LIMITED_FOR_MS;
    },
    broken(reason) {
      // Each room of the account may say so: only the first ends the wait, or the others would cut the rest short.
      if (state.state === 'broken') return;
      becomeBroken(reason);
      changed.ring();
    },
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
