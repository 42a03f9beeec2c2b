import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { withoutSecrets } from '../../secrets/without-secrets.ts';
import type { Clock } from '../../time/clock.ts';
import { type Moment, momentNow, wallTimeOf } from '../../time/moment.ts';
import { type Backoff, nextWait } from './backoff.ts';
import { type Connection, openConnection } from './connection.ts';
import { describeLoss, type Loss } from './loss.ts';
import { createReports } from './reports.ts';
import type { SourceState } from './state.ts';
import { createUnreadableCounter } from './unreadable.ts';

export type { SourceState } from './state.ts';

export interface SourceOptions {
  /** The source's configured name, for the log. */
  readonly name: string;
  /** `ws://…` or `wss://…`; the log shows it without user and query. */
  readonly url: string;
  readonly key: Secret;
  /** The union of all subscriptions in the API's own grammar, each model and type once; '' = no events. */
  readonly events: string;
  /** Limit of a frame. A longer one is not read: the source reconnects and reports a gap. */
  readonly payloadLimitBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns a number from 0 to 1 for the jitter of delays. Default Math.random. */
  readonly random?: () => number;
  /** Called with each Action Cable message as parsed JSON, of any shape, in order of arrival. */
  readonly onMessage: (message: unknown) => void;
  /** Called on every change. During an outage `lost` is reported again when the reason changes. */
  readonly onState: (state: SourceState) => void;
  /** Called when events were certainly or possibly missed from `from` (Unix milliseconds) until now. */
  readonly onGap: (gap: { from: number; reason: string }) => void;
}

export interface Source {
  /**
   * Requests other events without a gap: the present ones arrive until the new ones are confirmed. '' = none: the
   * connection is closed. Of several requests the last one counts.
   */
  ask(events: string): void;
  /** Stops reading from the server (true) or resumes (false). Its silence in between is not held against it. */
  hold(isHeld: boolean): void;
  /** Connects; does nothing the second time or after stop(). */
  start(): void;
  /** Resolves when no timer and no socket is left, at once whatever the server does. No callback follows. */
  stop(): Promise<void>;
  readonly state: SourceState;
  /**
   * Everything that the source sent before this instant was received, except for reported gaps; Unix milliseconds. Null
   * before the first frame of a subscription. Only frames prove it, including pings, so it does not advance when none
   * arrive.
   */
  readonly heardUntil: number | null;
  /** Number of frames since the start that no Action Cable client can read. */
  readonly unreadableFrames: number;
}

/** Delay before a rejected key is tried again, ms. Frequent attempts would not make it valid. */
const rejectedWaitMs = 5 * 60_000;
/**
 * Age at which a subscription counts as stable, ms. One that ends sooner belongs to the same outage, so that a server
 * that accepts and then disconnects us is not flooded with attempts.
 */
const stableAfterMs = 30_000;
/** Delay before refused events are requested again, ms. */
const askAgainMs = 30_000;

/**
 * One subscription to metasmoke's ApiChannel (or to another server of the same API) that recovers by itself from any
 * failure of the server or the network. Never throws, now or later. The key does not appear in log lines, states or
 * gaps.
 *
 *   idle ◀─ start, ask ─▶ connecting ─▶ subscribed ◀──▶ stale
 *                        │  ▲           │            │
 *                        ▼  └── wait ◀──┴── lost ◀───┘      rejected ── 5 min ─▶ connecting
 */
export function createSource(options: SourceOptions): Source {
  const { clock, key } = options;
  const clean = cleaner(key);
  const random = options.random ?? Math.random;
  let state: SourceState = { state: 'idle' };
  let events = options.events;
  const reports = createReports({
    ...options,
    get events() {
      return events;
    },
  });
  let closing: Promise<void> = Promise.resolve();
  let started = false;
  let isHeld = false;
  let cancelAsk = () => {};
  let connection: Connection | null = null;
  let cancelWait = () => {};
  let backoff: Backoff | null = null;
  /** Time of the subscription by the monotonic clock, ms. */
  let subscribedAt: number | null = null;
  /**
   * Time from which on events may be missed, and the reason; null while subscribed. `why` is null until something
   * fails.
   */
  let missing: { readonly from: Moment; readonly why: string | null } | null = null;
  /** Time of the latest frame of a subscription. */
  let proof: Moment | null = null;

  const unreadable = createUnreadableCounter(clock, (frames, from) => {
    reports.unreadable(frames);
    gap(from, frames === 1 ? 'a frame could not be read' : `${frames} frames could not be read`);
  });

  function change(next: SourceState): void {
    // A callback may have stopped the source.
    if (stopping()) return;
    state = next;
    reports.guarded('onState', () => options.onState(next));
  }

  function gap(from: number, reason: string): void {
    if (stopping()) return;
    reports.guarded('onGap', () => options.onGap({ from, reason }));
  }

  function channel() {
    return { channel: 'ApiChannel', key: key.reveal(), events };
  }

  function begin(): void {
    missing = { from: momentNow(clock), why: null };
    reports.connecting();
    // Change the state first, so that a caller that stops at once finds nothing to stop.
    change({ state: 'connecting' });
    if (!stopping()) connect();
  }

  function beIdle(): void {
    noteProof();
    cancelWait();
    cancelAsk();
    closing = connection?.close() ?? closing;
    connection = null;
    backoff = null;
    missing = null;
    subscribedAt = null;
    reports.idle();
    change({ state: 'idle' });
  }

  /** Requests the present events. If not subscribed, the next subscribe requests them anyway. */
  function askNow(): void {
    cancelAsk();
    if (state.state === 'subscribed' || state.state === 'stale') connection?.ask(channel());
  }

  function connect(): void {
    const connectedFor = events;
    const request = { url: options.url, channel: channel(), payloadLimitBytes: options.payloadLimitBytes, clean };
    connection = openConnection(request, clock, {
      onConfirmed() {
        confirmed();
        if (isHeld) connection?.hold(true);
        // A command changed the events while the source was connecting.
        if (connectedFor !== events) askNow();
      },
      onAsked: (asked) => reports.asked(asked),
      onAskFailed(asked, reason) {
        reports.askFailed(asked, reason, askAgainMs);
        cancelAsk = clock.after(askAgainMs, askNow);
      },
      onRejected: rejected,
      onMessage: (message) => reports.guarded('onMessage', () => options.onMessage(message)),
      onUnreadable: () => unreadable.count(wallTimeOf(lastHeard(), clock)),
      onStale: () => {
        const since = wallTimeOf(lastHeard(), clock);
        reports.stale(since);
        change({ state: 'stale', since });
      },
      onRevived: () => {
        if (state.state !== 'stale') return;
        // TCP loses nothing on the way, but a server that stood still may have missed events itself.
        const { since } = state;
        reports.revived(since);
        change({ state: 'subscribed' });
        gap(since, 'the server gave no sign of life for a while');
      },
      onLost: lost,
    });
  }

  /** Call this also before a subscription ends. */
  function noteProof(): void {
    if (missing === null) proof = connection?.lastFrameAt ?? proof;
  }

  function lastHeard(): Moment {
    return connection?.lastFrameAt ?? momentNow(clock);
  }

  function confirmed(): void {
    const missed = missing;
    missing = null;
    subscribedAt = clock.monotonic();
    const from = missed === null ? null : wallTimeOf(missed.from, clock);
    reports.subscribed(missed?.why == null ? null : from);
    change({ state: 'subscribed' });
    if (from !== null && missed?.why != null) gap(from, missed.why);
  }

  function rejected(): void {
    noteProof();
    missing = { from: missing?.from ?? lastHeard(), why: missing?.why ?? 'the key was rejected' };
    subscribedAt = null;
    backoff = null;
    void connection?.close();
    cancelWait = clock.after(rejectedWaitMs, connect);
    reports.rejected(rejectedWaitMs);
    if (state.state !== 'rejected') change({ state: 'rejected' });
  }

  function lost(loss: Loss): void {
    noteProof();
    cancelAsk();
    const now = clock.monotonic();
    const reason = describeLoss(loss);
    const heardAt = lastHeard();
    if (subscribedAt !== null && now - subscribedAt >= stableAfterMs) backoff = null;
    subscribedAt = null;
    missing = { from: missing?.from ?? heardAt, why: missing?.why ?? reason };
    const next = nextWait(backoff, now, random());
    backoff = next.backoff;
    cancelWait = clock.after(next.waitMs, connect);
    const since = wallTimeOf(missing.from, clock);
    reports.lost({ since, reason, waitMs: next.waitMs, first: state.state !== 'lost' });
    if (loss.kind === 'oversized') gap(wallTimeOf(heardAt, clock), reason);
    if (state.state !== 'lost' || state.reason !== reason) change({ state: 'lost', since, reason });
  }

  return {
    get state() {
      return state;
    },
    get heardUntil() {
      noteProof();
      return proof === null ? null : Math.min(wallTimeOf(proof, clock), unreadable.untoldFrom ?? Infinity);
    },
    get unreadableFrames() {
      return unreadable.total;
    },
    start() {
      if (started || state.state === 'stopped') return;
      started = true;
      if (events === '') beIdle();
      else begin();
    },
    ask(wanted) {
      if (wanted === events || stopping()) return;
      events = wanted;
      if (!started) return;
      if (events === '') beIdle();
      else if (state.state === 'idle') begin();
      else askNow();
    },
    hold(held) {
      if (held === isHeld) return;
      isHeld = held;
      connection?.hold(held);
    },
    async stop() {
      if (!stopping()) {
        cancelWait();
        cancelAsk();
        unreadable.stop();
        reports.stopped();
        change({ state: 'stopped' });
      }
      await Promise.all([connection?.close(), closing]);
    },
  };

  function stopping(): boolean {
    return state.state === 'stopped';
  }
}

/** Shortest beginning of a key that counts as a quotation. Anything shorter occurs in ordinary words. */
const tellingLength = 8;

/**
 * Returns a function that removes a key from a text of the server, which may quote our request. A quotation that was
 * cut (the close reason of a WebSocket has at most 123 bytes) still shows the beginning of the key; then the whole text
 * is replaced.
 */
function cleaner(key: Secret): (text: string) => string {
  const beginning = key.reveal().slice(0, tellingLength);
  return (text) => {
    const clean = withoutSecrets(text, [key]);
    return beginning.length === tellingLength && clean.includes(beginning) ? '[removed: it quotes the key]' : clean;
  };
}
