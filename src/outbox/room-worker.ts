import type { Account, SendResult } from '../adapters/adapter.ts';
import { type Clock, sleep } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Message } from '../render/message.ts';
import type { Database } from '../store/tables.ts';
import type { Event } from '../words.ts';
import type { AccountKeeper } from './account-keeper.ts';
import { backoffMs } from './backoff.ts';
import { createBell } from './bell.ts';
import { claimRoom, LEASE_MS } from './claim.ts';
import { countedMs, type Decision, type Pause } from './decide.ts';
import { type DueDelivery, nextWork, type StoredSend } from './next-work.ts';
import { storePlan } from './plan.ts';
import { noteResolved, noteResumed, type StoredRoom, writtenAddress } from './rooms.ts';
import type { Safeguards } from './safeguards.ts';
import { noteAttempt, settle } from './settle.ts';

/** How long a broken room rests before it is tried again, in milliseconds. */
const BROKEN_ROOM_RETRY_MS = 10 * 60_000;
/** Before a send that cannot be found in the room is taken for lost, the platform has this long to show it. */
const SETTLING_MS = 60_000;

export interface RoomWorkerOptions {
  readonly db: Database;
  readonly room: StoredRoom;
  readonly keeper: AccountKeeper;
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly safeguards: Safeguards;
  readonly render: (event: Event, template: string | null, room: StoredRoom) => Message;
  /** How often a room with nothing to do looks whether another process (`lookout outbox retry`) left it something, ms. */
  readonly idleLookMs: number;
  /** Told when two written addresses turn out to be one room: this worker then ends. */
  readonly onSameRoom: (roomId: number) => void;
}

/**
 * Works through one room: plans what is due, sends it, settles it, one after the other.
 *
 *     waiting ──plan──▶ planned + pending send ──sent──▶ sent
 *        ▲                    │        │ ▲
 *        │                    │        └─┘ unknown: the same bytes again, its subject waits
 *        ├──── notAccepted ───┤
 *        └──── room or account broken: all wait
 *                             └── rejected, or 24 h without an answer ──▶ dead
 */
export interface RoomWorker {
  readonly room: StoredRoom;
  /** Why the room takes nothing at the moment; null while it does. */
  readonly broken: { readonly since: number; readonly reason: string } | null;
  /** Something may be due. */
  wake(): void;
  /** Something about the room changed: a broken one is tried again at once. */
  changed(): void;
  start(): void;
  /** Ends after the send in flight was settled, or at once when `abort` is called on the signal given. */
  stop(now: AbortSignal): Promise<void>;
}

export function createRoomWorker(options: RoomWorkerOptions): RoomWorker {
  const { db, keeper, clock, log, safeguards, owner } = options;
  const { adapter } = keeper;
  const stopping = new AbortController();
  const sending = new AbortController();
  const bell = createBell(clock);
  let room = options.room;
  let broken: { since: number; reason: string } | null = null;
  let usable = false;
  let notBefore = 0;
  let leaseUntil = 0;
  /** Sends in a row without a clear answer: the more, the slower the room goes on to its next subject. */
  let unclear = 0;
  let running: Promise<void> | null = null;
  const fields = () => ({ room: room.name });

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        await step();
        failures = 0;
      } catch (err) {
        failures++;
        const waitMs = Math.min(30_000, backoffMs(failures, 0));
        log.error(
          { ...fields(), err },
          `room ${room.name}: a step failed; next try in ${waitMs / 1000} s, nothing is lost`,
        );
        await bell.wait(waitMs, stopping.signal);
      }
    }
  }

  async function step(): Promise<void> {
    const account = await keeper.ready(stopping.signal);
    if (account === null) return;
    const waitMs = notBefore - clock.now();
    if (waitMs > 0) return bell.wait(waitMs, stopping.signal);
    if (!(await hasClaim())) return bell.wait(options.idleLookMs, stopping.signal);
    if (!usable) return makeUsable(account);
    const work = await nextWork(db, room.id, clock.now(), safeguards.inOrder);
    switch (work.kind) {
      case 'repeat':
        return repeat(work.send, account);
      case 'plan':
        return plan(work.delivery, account);
      case 'wait': {
        const untilMs = work.until === null ? options.idleLookMs : work.until - clock.now();
        return bell.wait(Math.max(0, Math.min(options.idleLookMs, untilMs)), stopping.signal);
      }
      default:
        work satisfies never;
    }
  }

  async function hasClaim(): Promise<boolean> {
    const now = clock.now();
    if (now < leaseUntil - LEASE_MS / 2) return true;
    const claimed = await claimRoom(db, room.id, owner, now);
    leaseUntil = claimed ? now + LEASE_MS : 0;
    return claimed;
  }

  /** Once a start, and after every break: resolves the address, joins, looks whether we may speak. */
  async function makeUsable(account: Account): Promise<void> {
    const result = await adapter.resolve(room.resolved ?? writtenAddress(room), stopping.signal);
    if (stopping.signal.aborted) return;
    switch (result.outcome) {
      case 'resolved': {
        const id = await noteResolved(db, room, account, result.address, clock.now());
        if (id !== room.id) {
          log.warn(
            fields(),
            `room ${room.name} is the same room as another one of the configuration: one of the two is enough`,
          );
          options.onSameRoom(id);
          stopping.abort();
          return;
        }
        room = { ...room, resolved: result.address };
        if (broken !== null) {
          await noteResumed(db, room.id, clock.now());
          log.info(fields(), `room ${room.name} works again`);
        }
        broken = null;
        usable = true;
        return;
      }
      case 'later':
        pauseFor({ who: 'room', waitMs: Math.max(1_000, result.waitMs), reason: result.reason });
        return;
      case 'roomBroken':
        pauseFor({ who: 'brokenRoom', reason: result.reason });
        return;
      case 'accountBroken':
        pauseFor({ who: 'brokenAccount', reason: result.reason });
        return;
      default:
        result satisfies never;
    }
  }

  async function plan(delivery: DueDelivery, account: Account): Promise<void> {
    const key = safeguards.mintKey();
    const { payload, failure } = format(delivery, key);
    const now = clock.now();
    const time = { now, countedMs: counted(delivery.countedMs, delivery.lastAttemptAt ?? now) };
    const send = await storePlan(db, { delivery, roomId: room.id, account, key, payload, failure, ...time });
    if (failure === null) await attempt(send);
  }

  /** What our own code fails on becomes a dead letter: the room goes on, the operator can try it again. */
  function format(delivery: DueDelivery, key: string): { payload: string; failure: string | null } {
    try {
      return { payload: adapter.format(options.render(delivery.event, delivery.template, room), key), failure: null };
    } catch (err) {
      log.error(
        { ...fields(), subject: delivery.subject, err },
        `${delivery.subject} could not be made into a message: dead letter`,
      );
      return { payload: '', failure: `could not be made into a message: ${err instanceof Error ? err.message : err}` };
    }
  }

  async function repeat(send: StoredSend, account: Account): Promise<void> {
    const now = clock.now();
    const stored = { account: send.account, device: send.device, firstAttemptAt: send.first_attempt_at };
    if (safeguards.keyProtects(stored, account.id, account.device ?? '', now, adapter.idempotentForMs))
      return attempt(await noteAttempt(db, send, counted(send.counted_ms, send.last_attempt_at), now));
    const found = await adapter.find({ room: resolved(), key: send.key, since: send.first_attempt_at }, sending.signal);
    switch (found.outcome) {
      case 'found':
        return conclude(send, { step: 'settle', platformId: found.platformId });
      case 'absent': {
        const waitMs = send.last_attempt_at + SETTLING_MS - now;
        if (waitMs > 0) return conclude(send, { step: 'repeat', waitMs, pause: { who: 'nobody' } });
        return conclude(send, { step: 'planAnew', pause: { who: 'nobody' } });
      }
      case 'unreadable':
        return conclude(send, {
          step: 'deadLetter',
          reason: `maybe sent; the room cannot be read back: ${found.reason}`,
        });
      case 'later':
        return conclude(send, { step: 'repeat', waitMs: Math.max(1_000, found.waitMs), pause: { who: 'nobody' } });
      default:
        found satisfies never;
    }
  }

  async function attempt(send: StoredSend): Promise<void> {
    const result = await adapter.send({ room: resolved(), key: send.key, payload: send.payload }, sending.signal);
    // Stopped in the middle: the send stays pending and is repeated with its key at the next start.
    if (result.outcome === 'unknown' && sending.signal.aborted) return;
    const attempted = { attempts: send.attempts, mayBeThere: send.attempts > 1, countedMs: send.counted_ms };
    noteOutcome(result, send);
    await conclude(send, safeguards.decide(result, attempted));
  }

  function counted(before: number, lastAttemptAt: number): number {
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  function noteOutcome(result: SendResult, send: StoredSend): void {
    const said = { ...fields(), subject: send.subject, send: send.id };
    if (result.outcome === 'sent') {
      unclear = 0;
      keeper.succeeded();
      log.debug(said, `sent to ${room.name}`);
      return;
    }
    log.warn(
      { ...said, outcome: result.outcome, reason: result.reason },
      `room ${room.name}: ${result.outcome}: ${result.reason}`,
    );
    if (result.outcome !== 'unknown') return;
    unclear++;
    if (unclear > 1) notBefore = clock.now() + Math.min(60_000, backoffMs(unclear - 1, 0));
  }

  /** Writes the decision, however often it takes: what the platform answered is known nowhere else. */
  async function conclude(send: StoredSend, decision: Decision): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await settle(db, send, decision, clock.now());
        break;
      } catch (err) {
        const waitMs = Math.min(30_000, backoffMs(failures, 0));
        log.error(
          { ...fields(), send: send.id, err },
          `the outcome of a send cannot be written; next try in ${waitMs / 1000} s`,
        );
        if (sending.signal.aborted) return;
        await sleep(clock, waitMs, sending.signal);
      }
    }
    if (decision.step === 'deadLetter')
      log.error(
        { ...fields(), subject: send.subject, send: send.id, reason: decision.reason },
        `dead letter s${send.id}: ${decision.reason}; \`lookout outbox\` lists it`,
      );
    if (decision.step === 'planAnew' || decision.step === 'repeat') pauseFor(decision.pause);
  }

  function pauseFor(pause: Pause): void {
    switch (pause.who) {
      case 'nobody':
      case 'message':
        return;
      case 'room':
        notBefore = Math.max(notBefore, clock.now() + pause.waitMs);
        return;
      case 'account':
        keeper.pause(pause.waitMs);
        return;
      case 'brokenRoom':
        if (broken?.reason !== pause.reason)
          log.error(
            { ...fields(), reason: pause.reason },
            `room ${room.name} takes no messages: ${pause.reason}; its deliveries wait, next try in 10 min`,
          );
        broken = { since: broken?.since ?? clock.now(), reason: pause.reason };
        usable = false;
        notBefore = clock.now() + BROKEN_ROOM_RETRY_MS;
        return;
      case 'brokenAccount':
        keeper.broken(pause.reason);
        return;
      default:
        pause satisfies never;
    }
  }

  function resolved(): string {
    return room.resolved ?? writtenAddress(room);
  }

  return {
    get room() {
      return room;
    },
    get broken() {
      return broken;
    },
    wake: () => bell.ring(),
    changed() {
      usable = false;
      if (broken !== null) notBefore = 0;
      bell.ring();
    },
    start() {
      running ??= run();
    },
    async stop(now) {
      stopping.abort();
      const end = () => sending.abort();
      if (now.aborted) end();
      now.addEventListener('abort', end);
      await running;
      now.removeEventListener('abort', end);
    },
  };
}
