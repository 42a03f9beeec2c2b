import type { Account } from '../../adapters/adapter.ts';
import { logFailure } from '../../store/log-failure.ts';
import { storeBackoffMs } from '../../time/backoff.ts';
import { createBell } from '../../time/bell.ts';
import { createSender, type SenderOptions } from '../compose/sender.ts';
import { createStoredWaits } from '../rows/clock-steps.ts';
import { nextWork, type Work } from '../rows/next-work.ts';
import { createRoomGate, type RoomGate, type RoomGateOptions } from '../send/room-gate.ts';
import { createRoomReport } from '../send/wait-log.ts';
import { createRoomWork, type RoomWork, type RoomWorkOptions } from './do-work.ts';

/** While an account is limited its rooms change what they show at most so often, in milliseconds. */
const LIMITED_REDRAW_MS = 15_000;
/** How often it is looked whether a wave is over, in milliseconds. */
const WAVE_LOOK_MS = 1_000;
/** How often a muted room in which only changes wait is looked at, in milliseconds; the end of the mute wakes it. */
const PAUSED_LOOK_MS = 60_000;
/** How often a room in which something waits for later is looked at, in milliseconds: the clock may be set forward meanwhile. */
const LATER_LOOK_MS = 60_000;
/** Behind whatever is new. */
const LEAST_URGENT = 1_000;

export interface RoomWorkerOptions
  extends Omit<RoomGateOptions, 'report'>,
    Pick<SenderOptions, 'safeguards' | 'draw' | 'tell' | 'writer' | 'events' | 'platforms'>,
    Pick<RoomWorkOptions, 'waves' | 'mutedBy' | 'needless' | 'storedUntil'> {
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
  const storedWaits = createStoredWaits(options);
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

  async function step(): Promise<void> {
    const account = await keeper.ready(stopping.signal);
    if (account === null) return;
    if (gate.waitMs > 0) return bell.wait(gate.waitMs, stopping.signal);
    if (gate.closed) {
      const sameAs = await gate.open(account, stopping.signal);
      if (sameAs === null) return;
      stopping.abort();
      return options.onSameRoom(sameAs);
    }
    await storedWaits.keepTrue();
    const found = await next();
    if (found.kind === 'wait') return rest(found, account);
    const waitMs = changesOnly(found) ? changeWaitMs(found) : 0;
    if (waitMs > 0) return bell.wait(waitMs, stopping.signal);
    const turn = await keeper.turn(gate.room.id, urgencyOf(found), stopping.signal);
    switch (turn.turn) {
      case 'stopped':
        return;
      case 'free':
        return doNow(found, account);
      case 'taken':
        try {
          // The turn may have been long in coming: what waits by now goes with it.
          if (gate.waitMs <= 0) await doNow(await next(), account);
        } finally {
          turn.end();
        }
        return;
      default:
        turn satisfies never;
    }
  }

  const next = () => nextWork(db, gate.room.id, clock.now(), options.storedUntil());

  /** Nothing is due, but a wave may be over, and the bell may ring. */
  async function rest({ until, isGrowing }: Work & { kind: 'wait' }, account: Account): Promise<void> {
    const mayHaveWave = isGrowing || work?.mayHaveWave === true;
    if (mayHaveWave && (await workOf().endsWave(account))) return;
    const untilMs = until === null ? null : Math.max(0, Math.min(LATER_LOOK_MS, until - clock.now()));
    const waveMs = mayHaveWave && workOf().mayHaveWave ? WAVE_LOOK_MS : null;
    return bell.wait(soonest(untilMs, waveMs), stopping.signal);
  }

  async function doNow(found: Work, account: Account): Promise<void> {
    if (found.kind === 'wait') return;
    if (found.kind === 'redraw' && keeper.isLimited) redrawNotBefore = clock.monotonic() + LIMITED_REDRAW_MS;
    return workOf().do(found, account);
  }

  /** Delay before redraws and cards that are due, in milliseconds. */
  function changeWaitMs({ kind }: Work): number {
    if (options.isPaused(gate.room.id, clock.now())) return PAUSED_LOOK_MS;
    return kind === 'redraw' ? redrawNotBefore - clock.monotonic() : 0;
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

function soonest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

function urgencyOf(work: Work): number {
  if (work.kind === 'plan') return work.priority;
  return changesOnly(work) ? LEAST_URGENT : 0;
}

/** True for work that only updates messages already sent. */
function changesOnly({ kind }: Work): boolean {
  return kind === 'redraw' || kind === 'card';
}
