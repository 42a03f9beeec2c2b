import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import type { Loss } from './loss.ts';
import { createPulse, type Pulse } from './pulse.ts';

/** The phase of a connection, which decides how long it may take. */
export type Phase = 'handshake' | 'welcome' | 'confirmation' | 'live';

export interface WatchdogListener {
  /** Bytes received so far. */
  bytesRead(): number;
  onStale(): void;
  onRevived(): void;
  /** Called at most once; the watchdog has stopped. */
  onExpired(loss: Loss): void;
}

const tickMs = 1_000;
/** Limit of each phase, ticks: name, TCP, TLS and upgrade together; the welcome; the answer to the subscribe. */
const phaseTicks = 10;
/** Ticks until a connection is stale. Pings come every 3 s, so two are missing. */
const staleTicks = 7;
/** Ticks until a connection is frozen: four pings are missing. */
const frozenTicks = 12;
/** Longest time for one frame to arrive, ticks (14 MB were seen; at 1 Mbit/s they take 112 s). */
const framelessTicks = 120;
/** New bytes in a tick above which data was waiting in the kernel, which holds some megabytes that are read at once. */
const drainingBytes = 64 * 1_024;
/** New bytes in a tick below which no frame is arriving: a proxy's WebSocket pings prove only that the proxy is alive. */
const progressBytes = 1_024;

/**
 * Limits every wait of one connection, from its beginning to `stop`. It counts its own ticks instead of the time between
 * frames: if this process stood still, for a minute or a night, that is one tick, and the frames waiting in the kernel
 * are read before the server is blamed.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #listener: WatchdogListener;
  readonly #pulse: Pulse;
  #phase: Phase = 'handshake';
  /** Ticks in this phase, since bytes arrived, and since a frame was read. */
  #ticks: Ticks = noTicks;
  #bytes = 0;
  #isStale = false;
  #isHeld = false;
  /** True while the data being read had been waiting: it proves nothing about what was sent since. */
  #isDraining = false;
  #cancel: () => void;

  constructor(clock: Clock, listener: WatchdogListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#pulse = createPulse(clock);
    this.#cancel = this.#tickLater();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /**
   * Everything that the server sent before this instant has been read; null for a second or two after this process
   * stood still.
   */
  get readUntil(): Moment | null {
    return this.#pulse.readUntil;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#ticks = noTicks;
  }

  /** Call this for each readable frame. */
  frame(): void {
    this.#ticks = { ...this.#ticks, quiet: 0, frameless: 0 };
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#listener.onRevived();
  }

  /** Call this when reading stops or resumes. While we read nothing, silence is not the server's fault. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#isDraining = true;
    this.#ticks = { ...this.#ticks, quiet: 0, frameless: 0 };
  }

  stop(): void {
    this.#cancel();
  }

  #tickLater(): () => void {
    return this.#clock.after(tickMs, () => this.#tick());
  }

  #tick(): void {
    if (this.#isHeld) {
      this.#cancel = this.#tickLater();
      return;
    }
    this.#count();
    const loss = expired(this.#phase, this.#ticks);
    if (loss !== null) {
      this.#cancel = () => {};
      this.#listener.onExpired(loss);
      return;
    }
    this.#cancel = this.#tickLater();
    if (this.#phase === 'live' && this.#ticks.quiet >= staleTicks && !this.#isStale) {
      this.#isStale = true;
      this.#listener.onStale();
    }
  }

  #count(): void {
    const bytes = this.#listener.bytesRead();
    const newBytes = bytes - this.#bytes;
    this.#bytes = bytes;
    this.#isDraining &&= newBytes >= drainingBytes;
    if (!this.#isDraining) this.#pulse.beat();
    const { inPhase, quiet, frameless } = this.#ticks;
    this.#ticks = {
      inPhase: inPhase + 1,
      quiet: newBytes >= progressBytes ? 0 : quiet + 1,
      frameless: frameless + 1,
    };
  }
}

interface Ticks {
  readonly inPhase: number;
  readonly quiet: number;
  readonly frameless: number;
}

const noTicks: Ticks = { inPhase: 0, quiet: 0, frameless: 0 };

/** Returns the loss of a connection whose phase lasts too long; null: it may go on. Pure. */
function expired(phase: Phase, { inPhase, quiet, frameless }: Ticks): Loss | null {
  const afterMs = inPhase * tickMs;
  switch (phase) {
    case 'handshake':
      return inPhase < phaseTicks ? null : { kind: 'noHandshake', afterMs };
    case 'welcome':
      return inPhase < phaseTicks ? null : { kind: 'noWelcome', afterMs };
    case 'confirmation':
      return inPhase < phaseTicks ? null : { kind: 'noConfirmation', afterMs };
    case 'live':
      if (quiet >= frozenTicks) return { kind: 'frozen', afterMs: quiet * tickMs };
      return frameless < framelessTicks ? null : { kind: 'frozen', afterMs: frameless * tickMs };
    default:
      return phase satisfies never;
  }
}
