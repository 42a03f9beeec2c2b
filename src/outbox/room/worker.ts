import type { Account } from '../../adapters/adapter.ts';
import { logFailure } from '../../store/log-failure.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { createBell } from '../../time/bell.ts';
import { createSender, type SenderOptions } from '../compose/sender.ts';
import { createClockSteps } from '../rows/clock-steps.ts';
import { nextWork, type Work } from '../rows/next-work.ts';
import type { Turn } from '../send/account.ts';
import { createRoomGate, type RoomGate, type RoomGateOptions } from '../send/room-gate.ts';
import { createRoomReport } from '../send/wait-log.ts';
import { createRoomWork, type RoomWork, type RoomWorkOptions } from './do-work.ts';
import { type DueWork, nextStep, type RoomState } from './next-step.ts';

/** While an account is limited its rooms change what they show at most so often, in milliseconds. */
const LIMITED_REDRAW_MS = 15_000;

export interface RoomWorkerOptions
  extends Omit<RoomGateOptions, 'report'>,
    Pick<SenderOptions, 'safeguards' | 'draw' | 'tell' | 'writer' | 'events' | 'platforms'>,
    Pick<RoomWorkOptions, 'waves' | 'mutedBy' | 'cancelReason' | 'storedUntil'> {
  /** True if a mute stops the whole room now: then nothing changes in it, either. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  /** Called when two written addresses turn out to be one room: this worker then ends. */
  readonly onSameRoom: (roomId: number) => void;
}

/** Works through one room: plans what is due, sends it, settles it, one after the other. A room with nothing to do costs nothing. */
export interface RoomWorker {
  readonly gate: RoomGate;
  /** Milliseconds for which nothing has been sent because the platform makes the room wait or gives no clear answer; 0 if it does not. */
  readonly waitsMs: number;
  /** Something may be due. */
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
  const { db, keeper, clock, log } = options;
  const stopping = new AbortController();
  const sending = new AbortController();
  const bell = createBell(clock);
  const report = createRoomReport(options);
  const gate = createRoomGate({ ...options, report });
  const clockSteps = createClockSteps(options);
  /** Made with the first work: most rooms are idle most of the time. */
  let work: RoomWork | null = null;
  /** By the monotonic clock. */
  let redrawNotBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  function workOf(): RoomWork {
    if (work !== null) return work;
    const sender = createSender({ ...options, gate, report, signal: sending.signal });
    work = createRoomWork({ ...options, gate, sender });
    return work;
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        await step();
        failures = 0;
      } catch (err) {
        failures++;
        const waitMs = storeBackoffMs(failures);
        const { name } = gate.room;
        logFailure(
          log,
          err,
          { room: name },
          `room ${name}: a step failed; next try in ${waitMs / 1000} s, nothing is lost`,
        );
        await bell.wait(waitMs, stopping.signal);
      }
    }
  }

  /** Obeys `nextStep` until the room has to wait, did a piece of work, or begins anew. */
  async function step(): Promise<void> {
    const account = await keeper.ready(stopping.signal);
    if (account === null) return;
    let found: Work | null = null;
    let turn: Turn | null = null;
    let isWaveChecked = false;
    try {
      for (;;) {
        const next = nextStep(stateOf(found, turn, isWaveChecked), clock.now());
        switch (next.kind) {
          case 'wait':
            return await bell.wait(next.ms, stopping.signal);
          case 'open':
            return await open(account);
          case 'find':
            await clockSteps.shiftDueTimes();
            found = await nextWork(db, gate.room.id, clock.now(), options.storedUntil());
            break;
          case 'checkWave':
            if (await workOf().endsWave(account)) return;
            isWaveChecked = true;
            break;
          case 'takeTurn':
            turn = await keeper.turn(gate.room.id, next.urgency, stopping.signal);
            if (turn.turn === 'stopped') return;
            // The turn may have been long in coming: what waits by now goes with it.
            if (turn.turn === 'taken') found = null;
            break;
          case 'do':
            return await doNow(next.work, account);
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

  function stateOf(found: Work | null, turn: Turn | null, isWaveChecked: boolean): RoomState {
    return {
      roomWaitMs: gate.waitMs,
      needsCheck: gate.needsCheck,
      work: found,
      turn: turn === null || turn.turn === 'stopped' ? 'none' : turn.turn,
      mayHaveWave: work?.mayHaveWave === true,
      isWaveChecked,
      isPaused: options.isPaused(gate.room.id, clock.now()),
      redrawWaitMs: redrawNotBefore - clock.monotonic(),
    };
  }

  async function open(account: Account): Promise<void> {
    const sameAs = await gate.open(account, stopping.signal);
    if (sameAs === null) return;
    stopping.abort();
    options.onSameRoom(sameAs);
  }

  async function doNow(due: DueWork, account: Account): Promise<void> {
    if (due.kind === 'redraw' && keeper.isLimited) redrawNotBefore = clock.monotonic() + LIMITED_REDRAW_MS;
    return workOf().do(due, account);
  }

  return {
    gate,
    get waitsMs() {
      return report.waitsMs;
    },
    wake: () => bell.ring(),
    changed() {
      gate.changed();
      bell.ring();
    },
    replaced(address) {
      gate.replaced(address);
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
