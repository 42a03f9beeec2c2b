import type { Account } from '../adapters/adapter.ts';
import type { Waves } from '../config/config.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Event } from '../words.ts';
import { isBehind } from './backlog-state.ts';
import { storeBackoffMs } from './backoff.ts';
import { createBell } from './bell.ts';
import { joinCard } from './cards.ts';
import { mostOfGap, tellOfGap } from './catch-up.ts';
import { claimRoom, LEASE_MS } from './claim.ts';
import { nextWork, type Work } from './next-work.ts';
import type { DueDelivery } from './pick.ts';
import { createRoomGate, type RoomGate, type RoomGateOptions } from './room-gate.ts';
import { createRoomReport } from './room-report.ts';
import { createSender, type SenderOptions } from './sender.ts';
import { settleCancelled, settleMuted } from './settle.ts';
import type { StaleMessage } from './stale.ts';
import { createStoredWaits } from './stored-waits.ts';
import { createRoomWaves, mostAtOnce } from './waves.ts';

/** While an account is limited its rooms change what they show at most so often, in milliseconds. */
const LIMITED_REDRAW_MS = 15_000;
/** Behind whatever is new. */
const LEAST_URGENT = 1_000;

export interface RoomWorkerOptions
  extends Omit<RoomGateOptions, 'report'>,
    Pick<SenderOptions, 'safeguards' | 'draw' | 'tell'> {
  /** The process that claims the room. */
  readonly owner: string;
  /** What is done when more comes than the room takes; null: one message an event. */
  readonly waves: Waves | null;
  /** The id of the mute that stops an event in a room now; null: none. */
  readonly mutedBy: (roomId: number, event: Event, now: number) => string | null;
  /** Whether a mute stops the whole room now: then nothing changes in it, either. */
  readonly isPaused: (roomId: number, now: number) => boolean;
  /** Why a delivery that was held needs no message any more; null: it does. */
  readonly needless: (delivery: DueDelivery) => Promise<string | null>;
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
  const waves =
    options.waves === null
      ? null
      : createRoomWaves({
          db,
          roomId: () => gate.room.id,
          roomName: gate.room.name,
          waves: options.waves,
          digestUnits: () => keeper.adapter.bodyUnits(gate.address),
          clock,
          log,
        });
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
    const work = await next();
    if (work.kind === 'wait') return rest(work.until);
    const waitMs = changesOnly(work) ? changeWaitMs(work) : 0;
    if (waitMs > 0) return bell.wait(Math.min(idleLookMs, waitMs), stopping.signal);
    const turn = await keeper.turn(gate.room.id, urgencyOf(work), stopping.signal);
    switch (turn.turn) {
      case 'stopped':
        return;
      case 'free':
        return doWork(work, account);
      case 'taken':
        try {
          // The turn may have been long in coming: what waits by now goes with it.
          if (gate.waitMs <= 0) await doWork(await next(), account);
        } finally {
          turn.end();
        }
        return;
      default:
        turn satisfies never;
    }
  }

  const next = () => nextWork(db, gate.room.id, clock.now(), options.safeguards.inOrder);

  /** Nothing is due, but somebody may ring. */
  function rest(until: number | null): Promise<void> {
    const untilMs = until === null ? idleLookMs : until - clock.now();
    return bell.wait(Math.max(0, Math.min(idleLookMs, untilMs)), stopping.signal);
  }

  async function doWork(work: Work, account: Account): Promise<void> {
    switch (work.kind) {
      case 'repeat':
        return sender.repeat(work.send, account);
      case 'notice':
        return sender.notice(work.notice, account);
      case 'plan':
        return plan(work, account);
      case 'card':
        return sender.card(work.card, account);
      case 'redraw':
        return redraw(work.message, account);
      case 'wait':
        return;
      default:
        work satisfies never;
    }
  }

  /** How long what is no news waits, in milliseconds. */
  function changeWaitMs(work: Work): number {
    if (options.isPaused(gate.room.id, clock.now())) return idleLookMs;
    return work.kind === 'redraw' ? redrawNotBefore - clock.monotonic() : 0;
  }

  /** Where the platform limits us, what is new needs the room's share more than what is known already. */
  async function redraw(stale: StaleMessage, account: Account): Promise<void> {
    if (keeper.isLimited) redrawNotBefore = clock.monotonic() + LIMITED_REDRAW_MS;
    if (stale.isWave && waves !== null) return sender.digest(await waves.redraw(stale), account);
    return sender.redraw(stale, account);
  }

  /** Sends the first delivery; with it as many as may share its message where the room is behind, or gets a digest. */
  async function plan(work: Work & { kind: 'plan' }, account: Account): Promise<void> {
    if (waves === null || work.delivery.isAlone) return sender.plan(await gather(work, 1), account);
    const { catchUp } = work.delivery;
    if (catchUp !== null) {
      const deliveries = await gather(work, mostOfGap, (delivery) => delivery.catchUp === catchUp);
      const units = keeper.adapter.bodyUnits(gate.address);
      const digest = await tellOfGap(db, deliveries, { units, lastedMs: clock.now() - catchUp });
      return digest === null ? undefined : sender.digest(digest, account);
    }
    if (await waves.isOn(account)) {
      const deliveries = await gather(work, mostAtOnce);
      if (deliveries.length > 0) await sender.digest(await waves.grow(deliveries, account), account);
      return;
    }
    const mayMerge = await isBehind(db, gate.room.id, clock.now());
    const deliveries = await gather(work, mayMerge ? keeper.adapter.togetherAtMost : 1);
    return sender.plan(deliveries, account);
  }

  /** The first delivery and up to `most` that may share its message, without those that need none. */
  async function gather(
    { delivery: first, picker }: Work & { kind: 'plan' },
    most: number,
    fits = (delivery: DueDelivery) => delivery.catchUp === null,
  ): Promise<DueDelivery[]> {
    const gathered: DueDelivery[] = [];
    for (let next: DueDelivery | null = first; next !== null; next = await picker.next()) {
      if (next !== first && (next.isAlone || !fits(next))) picker.putBack(next);
      else if (await needsMessage(next)) gathered.push(next);
      if (gathered.length >= most) break;
    }
    return gathered;
  }

  /** False where a mute stops a delivery now, what it waited for made it needless, or a card shows it: it is then settled. */
  async function needsMessage(delivery: DueDelivery): Promise<boolean> {
    const { id, event } = delivery;
    const mute = options.mutedBy(gate.room.id, event, clock.now());
    if (mute !== null && (await settleMuted(db, id, mute, clock.now()))) return false;
    if (await joinCard(db, gate.room.id, delivery, clock.now())) return false;
    const needless = await options.needless(delivery);
    if (needless !== null) await settleCancelled(db, id, needless, clock.now());
    return needless === null;
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
