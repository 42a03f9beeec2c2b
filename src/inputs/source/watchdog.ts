import type { Clock } from '../../time/clock.ts';
import type { Moment } from '../../time/moment.ts';
import type { Loss } from './loss.ts';
import { createPulse } from './pulse.ts';

/** How far a connection has come, which is what it may be waited for. */
export type Phase = 'handshake' | 'welcome' | 'confirmation' | 'live';

export interface WatchdogEar {
  /** Bytes received so far. */
  bytesRead(): number;
  onStale(): void;
  onRevived(): void;
  /** At most once; the watchdog has stopped. */
  onExpired(loss: Loss): void;
}

export interface Watchdog {
  readonly phase: Phase;
  /** All that the server sent before then is read by now; null for a second or two after this process stood still. */
  readonly readUntil: Moment | null;
  enter(phase: Phase): void;
  /** A readable frame came. */
  frame(): void;
  /** While we read nothing ourselves, the server is not accused of being silent. */
  hold(isHeld: boolean): void;
  stop(): void;
}

const tickMs = 1_000;
/** Each for itself: name, TCP, TLS and upgrade together; the welcome; the answer to the subscribe. */
const phaseTicks = 10;
/** Pings come every 3 s: two are missing. */
const staleTicks = 7;
/** Four are missing. */
const frozenTicks = 12;
/** The longest time that one frame may take to arrive (14 MB were seen; at 1 Mbit/s they take 112 s). */
const framelessTicks = 120;
/** Fewer new bytes in a tick were not held back in the kernel before: that holds some megabytes, which are read at once. */
const drainingBytes = 64 * 1_024;
/** Fewer new bytes in a tick are no frame on its way: WebSocket pings of a proxy, which prove only the proxy. */
const progressBytes = 1_024;

/**
 * Watches one connection for waits without end. It counts ticks of its own clock and not the time between frames: if this
 * process itself stood still, for a minute or a night, that is one tick, and the frames that wait in the kernel are read
 * before the server is accused.
 */
export function createWatchdog(clock: Clock, ear: WatchdogEar): Watchdog {
  let phase: Phase = 'handshake';
  let inPhase = 0;
  let quiet = 0;
  let frameless = 0;
  let bytes = 0;
  let stale = false;
  let isHeld = false;
  /** True while the data that is read waited for us: it says nothing about what was sent since. */
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
    const now = ear.bytesRead();
    isDraining &&= now - bytes >= drainingBytes;
    if (!isDraining) pulse.beat();
    quiet = now - bytes >= progressBytes ? 0 : quiet + 1;
    bytes = now;
    const loss = expired();
    if (loss !== null) {
      cancel = () => {};
      ear.onExpired(loss);
      return;
    }
    cancel = clock.after(tickMs, tick);
    if (phase === 'live' && quiet >= staleTicks && !stale) {
      stale = true;
      ear.onStale();
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
      ear.onRevived();
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
