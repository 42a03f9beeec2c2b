import type { Account } from '../../adapters/adapter.ts';
import type { Log, SentLevel } from '../../log.ts';
import type { TellOperators } from '../../notices/operator-notices.ts';
import type { EventCache } from '../../store/event-cache.ts';
import { logFailure } from '../../store/log-failure.ts';
import type { Database } from '../../store/tables.ts';
import type { Writer } from '../../store/writer.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { type Bell, createBell } from '../../time/bell.ts';
import type { Clock } from '../../time/clock.ts';
import type { Draw } from '../compose/draw.ts';
import { createSender, type SenderOptions } from '../compose/sender.ts';
import { nextWork, type Work } from '../rows/next-work.ts';
import type { StoredRoom } from '../rows/rooms.ts';
import type { SendSafeguards } from '../rules/safeguards.ts';
import type { AccountKeeper } from '../send/account.ts';
import type { Turn } from '../send/account-pace.ts';
import { createRoomGate, type RoomGate, type RoomGateOptions } from '../send/room-gate.ts';
import { createRoomReport, type RoomReport } from '../send/wait-log.ts';
import { createRoomWork, type RoomWork, type RoomWorkOptions } from './do-work.ts';
import { type DueWork, nextStep, type RoomState, soonest } from './next-step.ts';

/** Shortest time between two redraws in a room while its account is limited, ms. */
const LIMITED_REDRAW_MS = 15_000;

export interface RoomWorkerOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly events: EventCache;
  readonly room: StoredRoom;
  readonly keeper: AccountKeeper;
  readonly platforms: SenderOptions['platforms'];
  readonly draw: Draw;
  readonly waves: RoomWorkOptions['waves'];
  readonly storedUntil: RoomWorkOptions['storedUntil'];
  readonly mutedBy: RoomWorkOptions['mutedBy'];
  readonly cancelReason: RoomWorkOptions['cancelReason'];
  /** Returns true if a mute stops the whole room now: then it is not redrawn, either. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  /** Called when two written addresses turn out to be one room: this worker then ends. */
  readonly onSameRoom: (roomId: number) => void;
  readonly onTookOver: RoomGateOptions['onTookOver'];
  readonly tell: TellOperators;
  readonly clock: Clock;
  readonly log: Log;
  /** The level of the line about each message that went out. */
  readonly sentLevel: SentLevel;
  readonly safeguards: SendSafeguards;
}

/** Works through one room: plans due deliveries, sends and settles them, one after the other. An idle room costs nothing. */
export interface RoomWorker {
  readonly gate: RoomGate;
  /** Time for which nothing has been sent because the platform makes the room wait or gives no clear answer, ms; 0 if it does not. */
  readonly waitsMs: number;
  /** Looks for work, since something may be due. */
  wake(): void;
  /** The platform says that the room changed. */
  changed(): void;
  /** The platform put another room in its place. */
  replaced(address: string): void;
  start(): void;
  /** Ends after the send in flight was settled, or at once when `now` is aborted. */
  stop(now: AbortSignal): Promise<void>;
}

export function createRoomWorker(options: RoomWorkerOptions): RoomWorker {
  return new WorkerOfRoom(options);
}

/** The thin shell around `nextStep`. */
class WorkerOfRoom implements RoomWorker {
  readonly gate: RoomGate;
  readonly #options: RoomWorkerOptions;
  readonly #stopping = new AbortController();
  readonly #sending = new AbortController();
  readonly #bell: Bell;
  readonly #report: RoomReport;
  /** Made with the first work: most rooms are idle most of the time. */
  #work: RoomWork | null = null;
  /** By the monotonic clock. */
  #redrawNotBefore = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(options: RoomWorkerOptions) {
    this.#options = options;
    this.#bell = createBell(options.clock);
    this.#report = createRoomReport(options);
    this.gate = createRoomGate({ ...options, report: this.#report });
  }

  get waitsMs(): number {
    return this.#report.waitsMs;
  }

  wake(): void {
    this.#bell.ring();
  }

  changed(): void {
    this.gate.changed();
    this.#bell.ring();
  }

  replaced(address: string): void {
    this.gate.replaced(address);
    this.#bell.ring();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(now: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const end = () => this.#sending.abort();
    if (now.aborted) end();
    now.addEventListener('abort', end);
    await this.#running;
    now.removeEventListener('abort', end);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#step();
        failures = 0;
      } catch (err) {
        failures++;
        const waitMs = storeBackoffMs(failures);
        const { name } = this.gate.room;
        const text = `room ${name}: a step failed; retrying in ${waitMs / 1000} s, nothing is lost`;
        logFailure(this.#options.log, err, { room: name }, text);
        await this.#bell.wait(waitMs, signal);
      }
    }
  }

  /** Obeys `nextStep` until the room has to wait, did a piece of work, or begins anew. */
  async #step(): Promise<void> {
    const { db, keeper, clock, storedUntil } = this.#options;
    const { signal } = this.#stopping;
    const account = await keeper.ready(signal);
    if (account === null) return;
    let found: Work | null = null;
    let turn: Turn | null = null;
    let isWaveChecked = false;
    try {
      for (;;) {
        const next = nextStep(this.#state(found, turn, isWaveChecked), clock.now());
        switch (next.kind) {
          case 'wait':
            return await this.#bell.wait(soonest(next.ms, this.#checkInMs), signal);
          case 'open':
            return await this.#open(account);
          case 'find':
            found = await nextWork(db, this.gate.room.id, clock.now(), storedUntil());
            break;
          case 'checkWave':
            if (await this.#workOfRoom().endsWave(account)) return;
            isWaveChecked = true;
            break;
          case 'takeTurn':
            turn = await keeper.turn(this.gate.room.id, next.urgency, signal);
            if (turn.turn === 'stopped') return;
            // The wait for the turn may have been long: newer work is looked up.
            if (turn.turn === 'taken') found = null;
            break;
          case 'do':
            return await this.#do(next.work, account);
          case 'startOver':
            return;
          default:
            next satisfies never;
        }
      }
    } finally {
      if (turn?.turn === 'taken') turn.end();
    }
  }

  #state(found: Work | null, turn: Turn | null, isWaveChecked: boolean): RoomState {
    const { clock, isPaused } = this.#options;
    return {
      roomWaitMs: this.gate.waitMs,
      needsCheck: this.gate.needsCheck,
      work: found,
      turn: turn === null || turn.turn === 'stopped' ? 'none' : turn.turn,
      mayHaveWave: this.#work?.mayHaveWave === true,
      isWaveChecked,
      isPaused: isPaused(this.gate.room.id, clock.now()),
      redrawWaitMs: this.#redrawNotBefore - clock.monotonic(),
    };
  }

  /** Delay before the gate is due to be opened by itself, ms; null: it is not, or the room rests and is not opened before its rest is over. */
  get #checkInMs(): number | null {
    return this.gate.waitMs > 0 ? null : this.gate.checkInMs;
  }

  async #open(account: Account): Promise<void> {
    const sameAs = await this.gate.open(account, this.#stopping.signal);
    if (sameAs === null) return;
    this.#stopping.abort();
    this.#options.onSameRoom(sameAs);
  }

  #do(due: DueWork, account: Account): Promise<void> {
    if (due.kind === 'redraw' && this.#options.keeper.isLimited) this.#redrawLater(LIMITED_REDRAW_MS);
    return this.#workOfRoom().do(due, account);
  }

  #redrawLater(waitMs: number): void {
    this.#redrawNotBefore = Math.max(this.#redrawNotBefore, this.#options.clock.monotonic() + waitMs);
  }

  #workOfRoom(): RoomWork {
    if (this.#work !== null) return this.#work;
    const redrawLater = (waitMs: number) => this.#redrawLater(waitMs);
    const parts = { ...this.#options, gate: this.gate, redrawLater };
    const sender = createSender({ ...parts, report: this.#report, signal: this.#sending.signal });
    this.#work = createRoomWork({ ...parts, sender });
    return this.#work;
  }
}
