import { terminalPlatform } from '../../adapters/terminal-platform.ts';
import type { Log, SentLevel } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import { logFailure } from '../../store/log-failure.ts';
import { troubleOf } from '../../store/trouble.ts';
import type { Writer } from '../../store/writer.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { StoredSend } from '../rows/send-row.ts';
import { settle, unplan } from '../rows/settle.ts';
import { type Sent, settleSent } from '../rows/settle-sent.ts';
import { isBeside, isChange } from '../rules/decide.ts';
import type { Flow, Transition } from '../rules/transition.ts';
import type { AccountKeeper } from './account.ts';
import type { RoomGate } from './room-gate.ts';
import { fieldsOf } from './send-fields.ts';
import { sentText } from './sent-text.ts';
import type { RoomReport } from './wait-log.ts';

/** Attempts to write an outcome if our own code, and not the database, fails to write it. */
const MOST_FAILURES = 3;

export interface ConclusionsOptions {
  readonly writer: Writer;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  /** The level of the line about each message that went out. */
  readonly sentLevel: SentLevel;
  readonly report: RoomReport;
  readonly tell: TellOperators;
  /** Aborted when sends in flight must not be waited for any more. */
  readonly signal: AbortSignal;
}

/** A send, and what follows from its answer. */
export interface Concluded {
  readonly send: StoredSend;
  readonly events: readonly number[];
  /** The arrival of the oldest of these events, Unix milliseconds; null: it carries none. */
  readonly since: number | null;
  readonly transition: Transition;
}

/** Writes down what follows from the answers to the sends of a room, and does it. */
export class Conclusions {
  readonly #options: ConclusionsOptions;

  constructor(options: ConclusionsOptions) {
    this.#options = options;
  }

  /**
   * Writes the steps of sends, however many attempts it takes: the platform's answers are known nowhere else. Then does what else
   * follows. Sends that were not begun are planned anew.
   */
  async conclude(concluded: readonly Concluded[], notBegun: readonly StoredSend[]): Promise<void> {
    if (concluded.length === 0 && notBegun.length === 0) return;
    for (let failures = 1; !(await this.#areSettled(concluded, notBegun, failures)); failures++)
      if (this.#options.signal.aborted) return;
    for (const one of concluded) this.#act(one);
    await this.#noteFlow(concluded.at(-1)?.transition.flow ?? null);
  }

  /** Does what follows from an answer beside the change of the rows. */
  #act(concluded: Concluded): void {
    const { send, events, transition } = concluded;
    const deliveries = events.length;
    const { gate, keeper, log, tell } = this.#options;
    const { pause, restMs, isAccepted, notice } = transition;
    if (isAccepted) keeper.succeeded();
    const { kind } = send;
    if (restMs > 0)
      gate.pause(
        isBeside({ kind, deliveries }) ? { scope: 'change', kind, waitMs: restMs } : { scope: 'room', waitMs: restMs },
      );
    gate.pause(pause);
    for (const { level, text, reason } of transition.log)
      log[level]({ ...fieldsOf(send, events, gate.room.name), ...(reason !== null && { reason }) }, text);
    if (transition.step.kind === 'settle') this.#logSent(concluded);
    if (notice !== null) tell(notice.cause, notice.text);
  }

  /** Writes the line of a send that went out. Only new messages are worth one at info, and not on a terminal that shows them itself. */
  #logSent({ send, events, since }: Concluded): void {
    const { clock, gate, keeper, log, sentLevel } = this.#options;
    const isNews = !isChange(send.kind) && keeper.adapter.platform !== terminalPlatform;
    const level = isNews ? sentLevel : 'debug';
    const lateMs = since === null ? null : Math.max(0, clock.now() - since);
    const fields = { ...fieldsOf(send, events, gate.room.name), ...(lateMs !== null && { lateMs }) };
    log[level](fields, sentText(send, { room: gate.room.name, events: events.length, lateMs }));
  }

  async #noteFlow(flow: Flow | null): Promise<void> {
    const { report } = this.#options;
    if (flow === null) return;
    if (flow.state === 'goesOn') await report.goesOn();
    else await report.waits(flow.cause, flow.reason);
  }

  async #areSettled(
    concluded: readonly Concluded[],
    notBegun: readonly StoredSend[],
    failures: number,
  ): Promise<boolean> {
    const { writer, gate, clock, log, signal } = this.#options;
    try {
      await writer.write(async (trx) => {
        const now = clock.now();
        await settleSent(trx, concluded.flatMap(asSent), now);
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
        { room: gate.room.name, sends: concluded.map(({ send }) => send.id) },
        `could not write the outcome of a send to the store; retrying in ${waitMs / 1000} s`,
      );
      await sleep(clock, waitMs, signal);
      return false;
    }
  }
}

/** The new message that a room shows; empty for everything else. */
function asSent({ send, transition: { step } }: Concluded): readonly Sent[] {
  return send.kind === 'create' && step.kind === 'settle' ? [{ send, platformId: step.platformId }] : [];
}
