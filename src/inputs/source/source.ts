import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { withoutSecrets } from '../../secrets/without-secrets.ts';
import type { Clock } from '../../time/clock.ts';
import { type Moment, momentNow, wallTimeOf } from '../../time/moment.ts';
import { type Backoff, nextWait } from './backoff.ts';
import { Connection } from './connection.ts';
import { describeLoss, type Loss } from './loss.ts';
import { createReports, type Reports } from './reports.ts';
import type { SourceState } from './state.ts';
import { createUnreadableCounter, type UnreadableCounter } from './unreadable.ts';

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
  return new CableSource(options);
}

class CableSource implements Source {
  readonly #options: SourceOptions;
  readonly #clock: Clock;
  readonly #key: Secret;
  readonly #clean: (text: string) => string;
  readonly #random: () => number;
  readonly #reports: Reports;
  readonly #unreadable: UnreadableCounter;
  #state: SourceState = { state: 'idle' };
  #events: string;
  #started = false;
  #isHeld = false;
  #connection: Connection | null = null;
  #closing: Promise<void> = Promise.resolve();
  #cancelAsk = () => {};
  #cancelWait = () => {};
  #backoff: Backoff | null = null;
  /** Time of the subscription by the monotonic clock, ms. */
  #subscribedAt: number | null = null;
  /**
   * Time from which on events may be missed, and the reason; null while subscribed. `why` is null until something
   * fails.
   */
  #missing: { readonly from: Moment; readonly why: string | null } | null = null;
  /** Time of the latest frame of a subscription. */
  #proof: Moment | null = null;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#key = options.key;
    this.#clean = cleaner(options.key);
    this.#random = options.random ?? Math.random;
    this.#events = options.events;
    const presentEvents = () => this.#events;
    this.#reports = createReports({
      ...options,
      get events() {
        return presentEvents();
      },
    });
    this.#unreadable = createUnreadableCounter(options.clock, (frames, from) => {
      this.#reports.unreadable(frames);
      this.#gap(from, frames === 1 ? 'a frame could not be read' : `${frames} frames could not be read`);
    });
  }

  get state(): SourceState {
    return this.#state;
  }

  get heardUntil(): number | null {
    this.#noteProof();
    return this.#proof === null
      ? null
      : Math.min(wallTimeOf(this.#proof, this.#clock), this.#unreadable.untoldFrom ?? Infinity);
  }

  get unreadableFrames(): number {
    return this.#unreadable.total;
  }

  start(): void {
    if (this.#started || this.#state.state === 'stopped') return;
    this.#started = true;
    if (this.#events === '') this.#beIdle();
    else this.#begin();
  }

  ask(wanted: string): void {
    if (wanted === this.#events || this.#stopping()) return;
    this.#events = wanted;
    if (!this.#started) return;
    if (this.#events === '') this.#beIdle();
    else if (this.#state.state === 'idle') this.#begin();
    else this.#askNow();
  }

  hold(held: boolean): void {
    if (held === this.#isHeld) return;
    this.#isHeld = held;
    this.#connection?.hold(held);
  }

  async stop(): Promise<void> {
    if (!this.#stopping()) {
      this.#cancelWait();
      this.#cancelAsk();
      this.#unreadable.stop();
      this.#reports.stopped();
      this.#change({ state: 'stopped' });
    }
    await Promise.all([this.#connection?.close(), this.#closing]);
  }

  #change(next: SourceState): void {
    // A callback may have stopped the source.
    if (this.#stopping()) return;
    this.#state = next;
    this.#reports.guarded('onState', () => this.#options.onState(next));
  }

  #gap(from: number, reason: string): void {
    if (this.#stopping()) return;
    this.#reports.guarded('onGap', () => this.#options.onGap({ from, reason }));
  }

  #channel() {
    return { channel: 'ApiChannel', key: this.#key.reveal(), events: this.#events };
  }

  #begin(): void {
    this.#missing = { from: momentNow(this.#clock), why: null };
    this.#reports.connecting();
    // Change the state first, so that a caller that stops at once finds nothing to stop.
    this.#change({ state: 'connecting' });
    if (!this.#stopping()) this.#connect();
  }

  #beIdle(): void {
    this.#noteProof();
    this.#cancelWait();
    this.#cancelAsk();
    this.#closing = this.#connection?.close() ?? this.#closing;
    this.#connection = null;
    this.#backoff = null;
    this.#missing = null;
    this.#subscribedAt = null;
    this.#reports.idle();
    this.#change({ state: 'idle' });
  }

  /** Requests the present this.#events. If not subscribed, the next subscribe requests them anyway. */
  #askNow(): void {
    this.#cancelAsk();
    if (this.#state.state === 'subscribed' || this.#state.state === 'stale') this.#connection?.ask(this.#channel());
  }

  #connect(): void {
    const connectedFor = this.#events;
    const request = {
      url: this.#options.url,
      channel: this.#channel(),
      payloadLimitBytes: this.#options.payloadLimitBytes,
      clean: this.#clean,
    };
    this.#connection = new Connection(request, this.#clock, {
      onConfirmed: () => {
        this.#confirmed();
        if (this.#isHeld) this.#connection?.hold(true);
        // A command changed the events while the source was connecting.
        if (connectedFor !== this.#events) this.#askNow();
      },
      onAsked: (asked) => this.#reports.asked(asked),
      onAskFailed: (asked, reason) => {
        this.#reports.askFailed(asked, reason, askAgainMs);
        this.#cancelAsk = this.#clock.after(askAgainMs, () => this.#askNow());
      },
      onRejected: () => this.#rejected(),
      onMessage: (message) => this.#reports.guarded('onMessage', () => this.#options.onMessage(message)),
      onUnreadable: () => this.#unreadable.count(wallTimeOf(this.#lastHeard(), this.#clock)),
      onStale: () => {
        const since = wallTimeOf(this.#lastHeard(), this.#clock);
        this.#reports.stale(since);
        this.#change({ state: 'stale', since });
      },
      onRevived: () => {
        if (this.#state.state !== 'stale') return;
        // TCP loses nothing on the way, but a server that stood still may have missed events itself.
        const { since } = this.#state;
        this.#reports.revived(since);
        this.#change({ state: 'subscribed' });
        this.#gap(since, 'the server gave no sign of life for a while');
      },
      onLost: (loss) => this.#lost(loss),
    });
  }

  /** Call this also before a subscription ends. */
  #noteProof(): void {
    if (this.#missing === null) this.#proof = this.#connection?.lastFrameAt ?? this.#proof;
  }

  #lastHeard(): Moment {
    return this.#connection?.lastFrameAt ?? momentNow(this.#clock);
  }

  #confirmed(): void {
    const missed = this.#missing;
    this.#missing = null;
    this.#subscribedAt = this.#clock.monotonic();
    const from = missed === null ? null : wallTimeOf(missed.from, this.#clock);
    this.#reports.subscribed(missed?.why == null ? null : from);
    this.#change({ state: 'subscribed' });
    if (from !== null && missed?.why != null) this.#gap(from, missed.why);
  }

  #rejected(): void {
    this.#noteProof();
    this.#missing = {
      from: this.#missing?.from ?? this.#lastHeard(),
      why: this.#missing?.why ?? 'the key was rejected',
    };
    this.#subscribedAt = null;
    this.#backoff = null;
    void this.#connection?.close();
    this.#cancelWait = this.#clock.after(rejectedWaitMs, () => this.#connect());
    this.#reports.rejected(rejectedWaitMs);
    if (this.#state.state !== 'rejected') this.#change({ state: 'rejected' });
  }

  #lost(loss: Loss): void {
    this.#noteProof();
    this.#cancelAsk();
    const now = this.#clock.monotonic();
    const reason = describeLoss(loss);
    const heardAt = this.#lastHeard();
    if (this.#subscribedAt !== null && now - this.#subscribedAt >= stableAfterMs) this.#backoff = null;
    this.#subscribedAt = null;
    this.#missing = { from: this.#missing?.from ?? heardAt, why: this.#missing?.why ?? reason };
    const next = nextWait(this.#backoff, now, this.#random());
    this.#backoff = next.backoff;
    this.#cancelWait = this.#clock.after(next.waitMs, () => this.#connect());
    const since = wallTimeOf(this.#missing.from, this.#clock);
    this.#reports.lost({ since, reason, waitMs: next.waitMs, first: this.#state.state !== 'lost' });
    if (loss.kind === 'oversized') this.#gap(wallTimeOf(heardAt, this.#clock), reason);
    if (this.#state.state !== 'lost' || this.#state.reason !== reason) this.#change({ state: 'lost', since, reason });
  }

  #stopping(): boolean {
    return this.#state.state === 'stopped';
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
