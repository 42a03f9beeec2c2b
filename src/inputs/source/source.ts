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
  /** The union of all subscriptions in the API's own grammar, each model and type once; '' = nothing to ask for. */
  readonly events: string;
  /** A longer frame is not read: the connection is made anew and a gap reported. */
  readonly payloadLimitBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, for the jitter of the waits. Default Math.random. */
  readonly random?: () => number;
  /** One Action Cable message as parsed JSON, of whatever shape, in order of arrival. */
  readonly onMessage: (message: unknown) => void;
  /** Told on every change. While an outage lasts, `lost` is told again when the reason changes. */
  readonly onState: (state: SourceState) => void;
  /** Something was certainly or possibly missed from `from` (Unix milliseconds) until now. */
  readonly onGap: (gap: { from: number; reason: string }) => void;
}

export interface Source {
  /**
   * Asks for other events from now on, without a gap: what is heard already is heard on until the new events are confirmed.
   * '' = nothing: the connection is closed. The last of several wishes counts.
   */
  ask(events: string): void;
  /** Reads nothing more from the server (true) until it may again (false). The server's silence meanwhile counts for nothing. */
  hold(isHeld: boolean): void;
  /** Begins; does nothing the second time or after stop(). */
  start(): void;
  /** Resolves when no timer and no socket is left, at once whatever the server does. Nothing is told afterwards. */
  stop(): Promise<void>;
  readonly state: SourceState;
  /**
   * All that the source sent before then reached us, but for what a gap tells of; Unix milliseconds. Null before the first frame of a
   * subscription. Frames prove it, pings too, and nothing else: it stays where it is when none comes.
   */
  readonly heardUntil: number | null;
  /** Frames that no Action Cable client can read, since the start. */
  readonly unreadableFrames: number;
}

/** A key does not become right by being asked for often. */
const rejectedWaitMs = 5 * 60_000;
/** A subscription that ends sooner belongs to the same outage: a server that lets us in and throws us out is not stormed. */
const stableAfterMs = 30_000;
/** After a server refused other events they are asked for again, in milliseconds. */
const askAgainMs = 30_000;

/**
 * One subscription to metasmoke's ApiChannel (or another server of the same API) that recovers by itself from whatever the
 * server or the network does. Never throws, now or later; the key reaches no log line, no state and no gap.
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
  /** By the monotonic clock. */
  let subscribedAt: number | null = null;
  /** From when on events may be missed, and why; null while subscribed. `why` is null as long as nothing has failed. */
  let missing: { readonly from: Moment; readonly why: string | null } | null = null;
  /** The latest frame of a subscription. */
  let proof: Moment | null = null;

  const unreadable = createUnreadableCounter(clock, (frames, from) => {
    reports.unreadable(frames);
    gap(from, frames === 1 ? 'a frame could not be read' : `${frames} frames could not be read`);
  });

  function change(next: SourceState): void {
    // A callback may have stopped the source a moment ago.
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
    // The state first: a caller that stops at once must find nothing to stop.
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

  /** What is heard follows what is wanted; where nothing is heard, the next subscribe asks for it anyway. */
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
        // A command changed it while we connected.
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
        // Over TCP nothing is lost on the way; but a server that stood still may have missed events itself.
        const { since } = state;
        reports.revived(since);
        change({ state: 'subscribed' });
        gap(since, 'the server gave no sign of life for a while');
      },
      onLost: lost,
    });
  }

  /** To be called before a subscription ends, too. */
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

/** A shorter beginning than this would be found in innocent words. */
const tellingLength = 8;

/**
 * Gives a function that removes a key from words of the server, which may quote what we sent it. A quote that was cut short
 * (a WebSocket's close reason has at most 123 bytes) still shows the key's beginning: then all is left out.
 */
function cleaner(key: Secret): (text: string) => string {
  const beginning = key.reveal().slice(0, tellingLength);
  return (text) => {
    const clean = withoutSecrets(text, [key]);
    return beginning.length === tellingLength && clean.includes(beginning) ? '[left out: it quotes the key]' : clean;
  };
}
