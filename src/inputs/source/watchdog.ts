import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import type { Loss } from './loss.ts';
import { createPulse } from './pulse.ts';

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

export interface Watchdog {
  readonly phase: Phase;
  /**
   * Everything that the server sent before this instant has been read; null for a second or two after this process
   * stood still.
   */
  readonly readUntil: Moment | null;
  enter(phase: Phase): void;
  /** Call this for each readable frame. */
  frame(): void;
  /** Call this when reading stops or resumes. While we read nothing, silence is not the server's fault. */
  hold(isHeld: boolean): void;
  stop(): void;
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
 * Limits every wait of one connection. It counts its own ticks instead of the time between frames: if this process
 * stood still, for a minute or a night, that is one tick, and the frames waiting in the kernel are read before the
 * server is blamed.
 */
export function createWatchdog(clock: Clock, listener: WatchdogListener): Watchdog {
  let phase: Phase = 'handshake';
  let inPhase = 0;
  let quiet = 0;
  let frameless = 0;
  let bytes = 0;
  let stale = false;
  let isHeld = false;
  /** True while the data being read had been waiting: it proves nothing about what was sent since. */
  let isDraining = false;
  const pulse = createPulse(clock);
  let cancel = clock.after(tickMs, tick);

  function tick(): void {
    if (isHeld) {
      cancel = clock.after(tickMs, tick);
      return;
    }
    inPhase += 1;
    frameless += 1;
    const now = listener.bytesRead();
    isDraining &&= now - bytes >= drainingBytes;
    if (!isDraining) pulse.beat();
    quiet = now - bytes >= progressBytes ? 0 : quiet + 1;
    bytes = now;
    const loss = expired();
    if (loss !== null) {
      cancel = () => {};
      listener.onExpired(loss);
      return;
    }
    cancel = clock.after(tickMs, tick);
    if (phase === 'live' && quiet >= staleTicks && !stale) {
      stale = true;
      listener.onStale();
    }
  }

  function expired(): Loss | null {
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
      default: {
        const never: never = phase;
        return never;
      }
    }
  }

  return {
    get phase() {
      return phase;
    },
    get readUntil() {
      return pulse.readUntil;
    },
    enter(next) {
      phase = next;
      inPhase = 0;
      quiet = 0;
      frameless = 0;
    },
    frame() {
      quiet = 0;
      frameless = 0;
      if (!stale) return;
      stale = false;
      listener.onRevived();
    },
    hold(held) {
      isHeld = held;
      isDraining = true;
      quiet = 0;
      frameless = 0;
    },
    stop: () => cancel(),
  };
}
