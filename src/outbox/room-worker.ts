import type { Account } from '../adapters/adapter.ts';
import { logFailure } from '../store/log-failure.ts';
import { storeBackoffMs } from './backoff.ts';
import { createBell } from './bell.ts';
import { claimRoom, LEASE_MS } from './claim.ts';
import { nextWork, type Work } from './next-work.ts';
import { createRoomGate, type RoomGate, type RoomGateOptions } from './room-gate.ts';
import { createRoomReport } from './room-report.ts';
import { createRoomWork, type RoomWorkOptions } from './room-work.ts';
import { createSender, type SenderOptions } from './sender.ts';
import { createStoredWaits } from './stored-waits.ts';

/** While an account is limited its rooms change what they show at most so often, in milliseconds. */
const LIMITED_REDRAW_MS = 15_000;
/** Behind whatever is new. */
const LEAST_URGENT = 1_000;

export interface RoomWorkerOptions
  extends Omit<RoomGateOptions, 'report'>,
    Pick<SenderOptions, 'safeguards' | 'draw' | 'tell'>,
    Pick<RoomWorkOptions, 'waves' | 'mutedBy' | 'needless'> {
  /** The process that claims the room. */
  readonly owner: string;
  /** Whether a mute stops the whole room now: then nothing changes in it, either. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  /** How often a room with nothing to do looks whether another process (`lookout outbox retry`) left it something, ms. */
  readonly idleLookMs: number;
  /** Told when two written addresses turn out to be one room: this worker then ends. */
  readonly onSameRoom: (roomId: number) => void;
}

/** Works through one room: plans what is due, sends it, settles it, one after the other. */
export interface RoomWorker {
  readonly gate: RoomGate;
  /** For how long nothing went since the platform makes it wait or gives no clear answer, in milliseconds; 0 while it does not. */
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
  const { db, keeper, clock, log, idleLookMs } = options;
  const stopping = new AbortController();
  const sending = new AbortController();
  const bell = createBell(clock);
  const report = createRoomReport(options);
  const gate = createRoomGate({ ...options, report });
  const sender = createSender({ ...options, gate, report, signal: sending.signal });
  const storedWaits = createStoredWaits(options);
  const work = createRoomWork({ ...options, gate, sender });
  /** By the monotonic clock. */
  let leaseUntil = Number.NEGATIVE_INFINITY;
  /** By the monotonic clock. */
  let redrawNotBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

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
    if (!(await hasClaim())) return bell.wait(idleLookMs, stopping.signal);
    if (gate.closed) {
      const sameAs = await gate.open(account, stopping.signal);
      if (sameAs === null) return;
      stopping.abort();
      return options.onSameRoom(sameAs);
    }
    await storedWaits.keepTrue();
    const found = await next();
    if (found.kind === 'wait') return rest(found.until, account);
    const waitMs = changesOnly(found) ? changeWaitMs(found) : 0;
    if (waitMs > 0) return bell.wait(Math.min(idleLookMs, waitMs), stopping.signal);
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

  const next = () => nextWork(db, gate.room.id, clock.now(), options.safeguards.inOrder);

  /** Nothing is due, but a wave may be over, and somebody may ring. */
  async function rest(until: number | null, account: Account): Promise<void> {
    if (await work.endsWave(account)) return;
    const untilMs = until === null ? idleLookMs : until - clock.now();
    return bell.wait(Math.max(0, Math.min(idleLookMs, untilMs)), stopping.signal);
  }

  async function doNow(found: Work, account: Account): Promise<void> {
    if (found.kind === 'redraw' && keeper.isLimited) redrawNotBefore = clock.monotonic() + LIMITED_REDRAW_MS;
    return work.do(found, account);
  }

  /** How long what is no news waits, in milliseconds. */
  function changeWaitMs({ kind }: Work): number {
    if (options.isPaused(gate.room.id, clock.now())) return idleLookMs;
    return kind === 'redraw' ? redrawNotBefore - clock.monotonic() : 0;
  }

  async function hasClaim(): Promise<boolean> {
    const now = clock.monotonic();
    if (now < leaseUntil - LEASE_MS / 2) return true;
    const claimed = await claimRoom(db, gate.room.id, options.owner, clock.now());
    leaseUntil = claimed ? now + LEASE_MS : Number.NEGATIVE_INFINITY;
    return claimed;
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

function urgencyOf(work: Work): number {
  if (work.kind === 'plan') return work.delivery.priority;
  return changesOnly(work) ? LEAST_URGENT : 0;
}

/** What only brings up to date what the room was told of. */
function changesOnly({ kind }: Work): boolean {
  return kind === 'redraw' || kind === 'card';
}
