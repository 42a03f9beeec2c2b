import type { Account, SendAction } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Writer } from '../../store/writer.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { noteAttempt, settle, unplan } from '../rows/settle.ts';
import { type Sent, settleSent } from '../rows/settle-sent.ts';
import {
  type Attempted,
  countedMs,
  decideFound,
  type Flow,
  giveUp,
  isChange,
  type Transition,
} from '../rules/decide.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from './account.ts';
import type { RoomGate } from './room-gate.ts';
import { createSendAges } from './send-ages.ts';
import type { RoomReport } from './wait-log.ts';

/** Attempts to write an outcome while our own code, and not the database, fails to. */
const MOST_FAILURES = 3;

export interface AttemptsOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: RoomReport;
  readonly safeguards: SendSafeguards;
  readonly tell: TellOperators;
  /** Aborted when a send in flight may not be waited for any more. */
  readonly signal: AbortSignal;
}

/** A send that was just stored, for its first attempt. */
export interface NewSend {
  readonly send: StoredSend;
  /** How many deliveries it carries. */
  readonly deliveries: number;
}

/** Attempts to make stored sends, and settles them by what the platform answers. */
export interface Attempts {
  /** Makes the attempt that a stored send notes. `deliveries`: how many it carries; of a repeat it makes no difference. */
  make(send: StoredSend, deliveries: number): Promise<void>;
  /**
   * Makes the first attempts of sends one after the other, and writes what came of them together. The first that was not simply
   * sent ends it: those behind it are planned anew. Gives whether all were sent.
   */
  makeAll(sends: readonly NewSend[]): Promise<boolean>;
  /** Tries a stored send again, or looks in the room where its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
  /** Ends a send on which our own code fails: the room may show it. */
  giveUp(send: StoredSend, reason: string): Promise<void>;
  /** How much time counts towards the 24 hours, up to an attempt that is made now, milliseconds. */
  counted(before: number, lastAttemptAt: number): number;
}

/** A send, and what follows from its answer. */
interface Concluded {
  readonly send: StoredSend;
  readonly transition: Transition;
}

/** Makes the attempts of one room. */
export function createAttempts(options: AttemptsOptions): Attempts {
  const { db, writer, gate, keeper, clock, log, report, safeguards, signal } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const ages = createSendAges(clock);
  /** Number of the room's last sends whose answer was not clear. */
  let unclear = 0;

  function counted(before: number, lastAttemptAt: number): number {
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  const attempted = ({ id, kind, attempts, counted_ms }: StoredSend, deliveries: number): Attempted => {
    return { id, room: name, kind, attempts, countedMs: counted_ms, deliveries, unclear };
  };

  /** Makes an attempt; null if the stop came before the answer: the send stays pending and is repeated with its key at the next start. */
  async function attempt(send: StoredSend, deliveries: number): Promise<Concluded | null> {
    ages.attempted(send);
    const { key, payload } = send;
    const request = { room: gate.address, key, payload, action: actionOf(send) };
    const answer = await unlessStopped(adapter.send(request, signal), signal, stopped);
    // The answer of a room that was replaced meanwhile says nothing about the room that takes its place.
    const result = answer.outcome === 'roomBroken' && gate.address !== request.room ? leftMeanwhile : answer;
    if (result.outcome === 'unknown' && signal.aborted) return null;
    const transition = safeguards.decide(result, attempted(send, deliveries));
    unclear = transition.unclear;
    return { send, transition };
  }

  async function make(send: StoredSend, deliveries: number): Promise<void> {
    const made = await attempt(send, deliveries);
    if (made !== null) await conclude([made], []);
  }

  async function makeAll(sends: readonly NewSend[]): Promise<boolean> {
    const concluded: Concluded[] = [];
    for (const [index, { send, deliveries }] of sends.entries()) {
      const behind = sends.slice(index + 1).map((one) => one.send);
      const made = await attempt(send, deliveries).catch(async (err) => {
        await conclude(concluded, behind);
        throw err;
      });
      if (made !== null) concluded.push(made);
      const isSent = made?.transition.isAccepted === true;
      if (isSent && behind.length > 0 && !signal.aborted) continue;
      await conclude(concluded, behind);
      return isSent && behind.length === 0;
    }
    return true;
  }

  /**
   * Writes the steps of sends, however many attempts it takes: the platform's answers are known nowhere else. Then does what else
   * follows. Sends that were not begun are planned anew.
   */
  async function conclude(concluded: readonly Concluded[], notBegun: readonly StoredSend[]): Promise<void> {
    if (concluded.length === 0 && notBegun.length === 0) return;
    for (let failures = 1; !(await areSettled(concluded, notBegun, failures)); failures++) if (signal.aborted) return;
    for (const send of notBegun) ages.forget(send);
    for (const one of concluded) act(one);
    await noteFlow(concluded.at(-1)?.transition.flow ?? null);
  }

  /** Does what follows from an answer beside the change of the rows. */
  function act({ send, transition }: Concluded): void {
    const { step, pause, restMs, isAccepted, notice } = transition;
    if (isAccepted) keeper.succeeded();
    if (restMs > 0) gate.rest(restMs);
    gate.pause(pause);
    if (step.kind !== 'repeat') ages.forget(send);
    for (const { level, text, reason } of transition.log)
      log[level]({ room: name, subject: send.subject, send: send.id, ...(reason !== null && { reason }) }, text);
    if (notice !== null) options.tell(notice.cause, notice.text);
  }

  async function noteFlow(flow: Flow | null): Promise<void> {
    if (flow === null) return;
    if (flow.state === 'goesOn') await report.goesOn();
    else await report.waits(flow.cause, flow.reason);
  }

  async function areSettled(
    concluded: readonly Concluded[],
    notBegun: readonly StoredSend[],
    failures: number,
  ): Promise<boolean> {
    try {
      await writer.write(async (trx) => {
        const now = clock.now();
        const sent = concluded.flatMap(asSent);
        await settleSent(trx, sent, now);
        for (const one of concluded)
          if (asSent(one).length === 0) await settle(trx, one.send, one.transition.step, now);
        for (const send of notBegun) await unplan(trx, send, now);
      });
      return true;
    } catch (err) {
      if (troubleOf(err) === null && failures >= MOST_FAILURES) throw err;
      const waitMs = storeBackoffMs(failures);
      logFailure(
        log,
        err,
        { room: name, sends: concluded.map(({ send }) => send.id) },
        `the outcome of a send cannot be written to the store; next try in ${waitMs / 1000} s`,
      );
      await sleep(clock, waitMs, signal);
      return false;
    }
  }

  return {
    make,
    makeAll,
    counted,
    giveUp: (send, reason) => conclude([{ send, transition: giveUp(attempted(send, 0), reason) }], []),

    async repeat(send, account) {
      const now = clock.now();
      const age = ages.of(send);
      const stored = { account: send.account, device: send.device, ageMs: age.firstMs };
      // A change that is made twice is seen once.
      const isSafe = isChange(send.kind) && send.account === account.id;
      if (isSafe || safeguards.keyProtects(stored, account.id, account.device ?? '', adapter.idempotentForMs))
        return make(await noteAttempt(db, send, counted(send.counted_ms, send.last_attempt_at), now), 1);
      const { key, payload } = send;
      const request = { room: gate.address, key, payload, since: age.firstAt, action: actionOf(send) };
      const found = await unlessStopped(adapter.find(request, signal), signal, stopped);
      if (found.outcome === 'unknown' || signal.aborted) return;
      await conclude([{ send, transition: decideFound(found, attempted(send, 0), age.lastMs) }], []);
    },
  };
}

/** A new message that is shown; empty for everything else. */
function asSent({ send, transition: { step } }: Concluded): readonly Sent[] {
  return send.kind === 'create' && step.kind === 'settle' ? [{ send, platformId: step.platformId }] : [];
}

function actionOf({ kind, target }: StoredSend): SendAction {
  if (kind === 'create') return { kind };
  if (target === null) throw new Error(`a send of kind ${kind} without a target`);
  return { kind, target };
}

const leftMeanwhile = {
  outcome: 'notAccepted',
  waitMs: 0,
  scope: 'message',
  reason: 'the room was replaced meanwhile',
} as const;

const stopped = { outcome: 'unknown', waitMs: 0, reason: 'stopped before the answer came' } as const;
