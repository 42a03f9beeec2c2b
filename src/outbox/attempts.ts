import type { Account, SendAction, SendResult } from '../adapters/adapter.ts';
import { type Clock, sleep } from '../clock.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../operators.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { AccountKeeper } from './account-keeper.ts';
import { backoffMs, storeBackoffMs } from './backoff.ts';
import { countedMs, type Decision, isChange, maybeSent } from './decide.ts';
import type { StoredSend } from './next-work.ts';
import type { RoomGate } from './room-gate.ts';
import type { RoomReport } from './room-report.ts';
import type { Safeguards } from './safeguards.ts';
import { createSendAges } from './send-ages.ts';
import { noteAttempt, settle } from './settle.ts';

/** Before a send that is not found in the room is taken for lost, the platform has this long to show it, in milliseconds. */
const SETTLING_MS = 60_000;
/** The longest rest of a room whose sends get no clear answer, in milliseconds. */
const LONGEST_REST_MS = 60_000;

export interface AttemptsOptions {
  readonly db: Database;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: RoomReport;
  readonly safeguards: Safeguards;
  readonly tell: TellOperators;
  /** Aborted when a send in flight may not be waited for any more. */
  readonly signal: AbortSignal;
}

/** Attempts to make stored sends, and settles them by what the platform answers. */
export interface Attempts {
  /** Makes the attempt that a stored send notes. `deliveries`: how many it carries; of a repeat it makes no difference. */
  make(send: StoredSend, deliveries?: number): Promise<void>;
  /** Tries a stored send again, or looks in the room where its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
  /** How much time counts towards the 24 hours, up to an attempt that is made now, milliseconds. */
  counted(before: number, lastAttemptAt: number): number;
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { db, gate, keeper, clock, log, report, safeguards, signal } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const ages = createSendAges(clock);
  /** Sends in a row that did not get through, for a cause that may lie in each alone: the more, the slower the room goes on to its next subject. */
  let unclear = 0;

  function counted(before: number, lastAttemptAt: number): number {
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  async function make(send: StoredSend, deliveries = 1): Promise<void> {
    ages.attempted(send);
    const { key, payload } = send;
    const request = { room: gate.address, key, payload, action: actionOf(send) };
    const result = await unlessStopped(adapter.send(request, signal), signal, stopped);
    // Stopped in the middle: the send stays pending and is repeated with its key at the next start.
    if (result.outcome === 'unknown' && signal.aborted) return;
    noteOutcome(result, send);
    const { attempts, counted_ms: counts, kind } = send;
    const attempted = { attempts, mayBeThere: attempts > 1, countedMs: counts, deliveries, kind };
    await conclude(send, safeguards.decide(result, attempted));
    if (result.outcome === 'sent' || result.outcome === 'rejected') return report.goesOn();
    // A broken room and a broken account have their own words.
    if (result.outcome === 'unknown') return report.waits('unknown', `no clear answer: ${result.reason}`);
    if (result.outcome === 'notAccepted') return report.waits(`notAccepted ${result.scope}`, result.reason);
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

  /** Writes the decision, however often it takes: what the platform answered is known nowhere else. */
  async function conclude(send: StoredSend, decision: Decision): Promise<void> {
    for (let failures = 1; !(await isSettled(send, decision, failures)); failures++) if (signal.aborted) return;
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

  async function isSettled(send: StoredSend, decision: Decision, failures: number): Promise<boolean> {
    try {
      await settle(db, send, decision, clock.now());
      return true;
    } catch (err) {
      const waitMs = storeBackoffMs(failures);
      logFailure(
        log,
        err,
        { room: name, send: send.id },
        `the outcome of a send cannot be written to the store; next try in ${waitMs / 1000} s`,
      );
      await sleep(clock, waitMs, signal);
      return false;
    }
  }

  return {
    make,
    counted,

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
          return conclude(send, { step: 'settle', platformId: found.platformId });
        case 'absent': {
          const waitMs = Math.ceil(SETTLING_MS - age.lastMs);
          if (waitMs > 0) return conclude(send, { step: 'repeat', waitMs, pause: { who: 'nobody' } });
          return conclude(send, { step: 'planAnew', pause: { who: 'nobody' } });
        }
        case 'unreadable': {
          const reason = `${maybeSent}; the room cannot be read back: ${found.reason}`;
          return conclude(send, { step: 'deadLetter', reason });
        }
        case 'later':
          return conclude(send, { step: 'repeat', waitMs: Math.max(1_000, found.waitMs), pause: { who: 'nobody' } });
        default:
          found satisfies never;
      }
    },
  };
}

function actionOf({ kind, target }: StoredSend): SendAction {
  if (kind === 'create') return { kind };
  if (target === null) throw new Error(`a send of kind ${kind} without a target`);
  return { kind, target };
}

const stopped = { outcome: 'unknown', waitMs: 0, reason: 'stopped before the answer came' } as const;
