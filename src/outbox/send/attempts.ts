import type { Account, SendAction, SendResult } from '../../adapters/adapter.ts';
import type { Log } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Writer } from '../../store/writer.ts';
import { backoffMs, storeBackoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { noteAttempt, settle, unplan } from '../rows/settle.ts';
import { type Sent, settleSent } from '../rows/settle-sent.ts';
import { countedMs, type Decision, isChange, maybeSent } from '../rules/decide.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from './account.ts';
import type { RoomGate } from './room-gate.ts';
import { createSendAges } from './send-ages.ts';
import type { RoomReport } from './wait-log.ts';

/** Before a send that is not found in the room is taken for lost, the platform has this long to show it, in milliseconds. */
const SETTLING_MS = 60_000;
/** An outcome that our own code, and not the database, fails to write is tried so often. */
const MOST_FAILURES = 3;
/** The longest rest of a room whose sends get no clear answer, in milliseconds. */
const LONGEST_REST_MS = 60_000;

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
  make(send: StoredSend, deliveries?: number): Promise<void>;
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

/** A send, and what was decided about it. */
interface Concluded {
  readonly send: StoredSend;
  readonly decision: Decision;
}

/** Makes the attempts of one room. */
export function createAttempts(options: AttemptsOptions): Attempts {
  const { db, writer, gate, keeper, clock, log, report, safeguards, signal } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const ages = createSendAges(clock);
  /** Sends in a row that did not get through, for a cause that may lie in each alone: the more, the slower the room goes on to its next subject. */
  let unclear = 0;

  function counted(before: number, lastAttemptAt: number): number {
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  /** Makes an attempt; null if the stop came before the answer: the send stays pending and is repeated with its key at the next start. */
  async function attempt(send: StoredSend, deliveries: number) {
    ages.attempted(send);
    const { key, payload } = send;
    const request = { room: gate.address, key, payload, action: actionOf(send) };
    const answer = await unlessStopped(adapter.send(request, signal), signal, stopped);
    // The answer of a room that was replaced meanwhile says nothing about the room that takes its place.
    const result = answer.outcome === 'roomBroken' && gate.address !== request.room ? leftMeanwhile : answer;
    if (result.outcome === 'unknown' && signal.aborted) return null;
    noteOutcome(result, send);
    const { attempts, counted_ms: counts, kind } = send;
    const attempted = { attempts, mayBeThere: attempts > 1, countedMs: counts, deliveries, kind };
    return { result, decision: safeguards.decide(result, attempted) };
  }

  async function make(send: StoredSend, deliveries = 1): Promise<void> {
    const made = await attempt(send, deliveries);
    if (made === null) return;
    await conclude([{ send, decision: made.decision }], []);
    await tell(made.result);
  }

  async function makeAll(sends: readonly NewSend[]): Promise<boolean> {
    const concluded: Concluded[] = [];
    for (const [index, { send, deliveries }] of sends.entries()) {
      const behind = sends.slice(index + 1).map((one) => one.send);
      const made = await attempt(send, deliveries).catch(async (err) => {
        await conclude(concluded, behind);
        throw err;
      });
      if (made !== null) concluded.push({ send, decision: made.decision });
      const isSent = made?.result.outcome === 'sent';
      if (isSent && behind.length > 0 && !signal.aborted) continue;
      await conclude(concluded, behind);
      if (made !== null) await tell(made.result);
      return isSent && behind.length === 0;
    }
    return true;
  }

  async function tell(result: SendResult): Promise<void> {
    switch (result.outcome) {
      case 'sent':
      case 'rejected':
        return report.goesOn();
      case 'unknown':
        return report.waits('unknown', `no clear answer: ${result.reason}`);
      case 'notAccepted':
        return report.waits(`notAccepted ${result.scope}`, result.reason);
      case 'roomBroken':
      case 'accountBroken':
        // A broken room and a broken account have their own words.
        return;
      default:
        result satisfies never;
    }
  }

  function noteOutcome(result: SendResult, send: StoredSend): void {
    const said = { room: name, subject: send.subject, send: send.id };
    if (result.outcome === 'sent') {
      unclear = 0;
      keeper.succeeded();
      log.debug(said, `sent to ${name}`);
      return;
    }
    const { outcome, reason } = result;
    log.debug({ ...said, outcome, reason }, `room ${name}: ${outcome}: ${reason}`);
    // A wait of room or account is a pause already; the other answers end in one, or in a dead letter.
    if (outcome !== 'unknown' && !(outcome === 'notAccepted' && result.scope === 'message')) return;
    unclear++;
    if (unclear > 1) gate.rest(backoffMs(unclear - 1, 0, LONGEST_REST_MS));
  }

  /** Writes decisions, however often it takes: what the platform answered is known nowhere else. Sends that were not begun are planned anew. */
  async function conclude(concluded: readonly Concluded[], notBegun: readonly StoredSend[]): Promise<void> {
    if (concluded.length === 0 && notBegun.length === 0) return;
    for (let failures = 1; !(await areSettled(concluded, notBegun, failures)); failures++) if (signal.aborted) return;
    for (const send of notBegun) ages.forget(send);
    for (const each of concluded) noteDecision(each);
  }

  function noteDecision({ send, decision }: Concluded): void {
    if (decision.step === 'planAnew' || decision.step === 'repeat') gate.pause(decision.pause);
    if (decision.step !== 'repeat') ages.forget(send);
    if (decision.step === 'split')
      log.warn(
        { room: name, subject: send.subject, reason: decision.reason },
        `room ${name}: a message of several events was rejected (${decision.reason}): each is sent alone`,
      );
    if (decision.step === 'leave')
      log.debug({ room: name, reason: decision.reason }, `room ${name}: a message is left as it is`);
    if (decision.step !== 'deadLetter') return;
    options.tell(
      'dead letter',
      `A message for room ${name} could not be delivered (${decision.reason}). lookout outbox list shows it.`,
    );
    log.error(
      { room: name, subject: send.subject, send: send.id, reason: decision.reason },
      `dead letter s${send.id}: ${decision.reason}; \`lookout outbox\` lists it`,
    );
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
        for (const one of concluded) if (asSent(one).length === 0) await settle(trx, one.send, one.decision, now);
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

  const concludeOne = (send: StoredSend, decision: Decision) => conclude([{ send, decision }], []);

  return {
    make,
    makeAll,
    counted,
    giveUp: (send, reason) => concludeOne(send, { step: 'deadLetter', reason }),

    async repeat(send, account) {
      const now = clock.now();
      const age = ages.of(send);
      const stored = { account: send.account, device: send.device, ageMs: age.firstMs };
      // A change that is made twice is seen once.
      const isSafe = isChange(send.kind) && send.account === account.id;
      if (isSafe || safeguards.keyProtects(stored, account.id, account.device ?? '', adapter.idempotentForMs))
        return make(await noteAttempt(db, send, counted(send.counted_ms, send.last_attempt_at), now));
      const { key, payload } = send;
      const request = { room: gate.address, key, payload, since: age.firstAt, action: actionOf(send) };
      const found = await unlessStopped(adapter.find(request, signal), signal, stopped);
      if (found.outcome === 'unknown' || signal.aborted) return;
      switch (found.outcome) {
        case 'found':
          return concludeOne(send, { step: 'settle', platformId: found.platformId });
        case 'absent': {
          const waitMs = Math.ceil(SETTLING_MS - age.lastMs);
          if (waitMs > 0) return concludeOne(send, { step: 'repeat', waitMs, pause: { who: 'nobody' } });
          return concludeOne(send, { step: 'planAnew', pause: { who: 'nobody' } });
        }
        case 'unreadable': {
          const reason = `${maybeSent}; the room cannot be read back: ${found.reason}`;
          return concludeOne(send, { step: 'deadLetter', reason });
        }
        case 'later':
          return concludeOne(send, {
            step: 'repeat',
            waitMs: Math.max(1_000, found.waitMs),
            pause: { who: 'nobody' },
          });
        default:
          found satisfies never;
      }
    },
  };
}

/** A new message that is shown; empty for everything else. */
function asSent({ send, decision }: Concluded): readonly Sent[] {
  return send.kind === 'create' && decision.step === 'settle' ? [{ send, platformId: decision.platformId }] : [];
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
