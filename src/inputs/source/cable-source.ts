import type { Channel } from './cable-client.ts';
import { Connection } from './connection.ts';
import { describeLoss, type Loss } from './loss.ts';
import { Receipt } from './receipt.ts';
import { Reconnection } from './reconnection.ts';
import { createReports, type Reports } from './reports.ts';
import type { Source, SourceOptions } from './source.ts';
import type { SourceState } from './state.ts';
import { createUnreadableCounter, type UnreadableCounter } from './unreadable.ts';
import { createKeyRemover } from './without-key.ts';

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
export function createCableSource(options: SourceOptions): Source {
  return new CableSource(options);
}

class CableSource implements Source {
  readonly #options: SourceOptions;
  readonly #clean: (text: string) => string;
  readonly #reports: Reports;
  readonly #unreadable: UnreadableCounter;
  readonly #receipt: Receipt;
  readonly #reconnection: Reconnection;
  #state: SourceState = { state: 'idle' };
  #events: string;
  #started = false;
  #isHeld = false;
  #connection: Connection | null = null;
  #closing: Promise<void> = Promise.resolve();
  #cancelAsk = () => {};
  /** The key of the last request for other events. */
  #askedWith = '';

  constructor(options: SourceOptions) {
    const { clock, key, random = Math.random } = options;
    this.#options = options;
    this.#clean = createKeyRemover(key);
    this.#events = options.events;
    this.#receipt = new Receipt(clock, () => this.#connection?.lastFrameAt ?? null);
    this.#reconnection = new Reconnection(clock, random, () => this.#connect());
    const presentEvents = () => this.#events;
    this.#reports = createReports({
      ...options,
      get events() {
        return presentEvents();
      },
    });
    this.#unreadable = createUnreadableCounter(clock, (frames, from) => {
      this.#reports.unreadable(frames);
      this.#gap(from, frames === 1 ? 'a frame could not be read' : `${frames} frames could not be read`);
    });
  }

  get state(): SourceState {
    return this.#state;
  }

  get heardUntil(): number | null {
    const { until } = this.#receipt;
    return until === null ? null : Math.min(until, this.#unreadable.untoldFrom ?? Infinity);
  }

  get unreadableFrames(): number {
    return this.#unreadable.total;
  }

  start(): void {
    if (this.#started || this.#isStopped()) return;
    this.#started = true;
    if (this.#events === '') this.#beIdle();
    else this.#begin();
  }

  ask(wanted: string): void {
    if (wanted === this.#events || this.#isStopped()) return;
    this.#events = wanted;
    if (!this.#started) return;
    if (this.#events === '') this.#beIdle();
    else if (this.#state.state === 'idle') this.#begin();
    else this.#askNow();
  }

  keyChanged(): void {
    if (this.#state.state === 'rejected') {
      this.#reconnection.cancel();
      this.#reconnection.atOnce();
    } else this.#askNow();
  }

  hold(held: boolean): void {
    if (held === this.#isHeld) return;
    this.#isHeld = held;
    this.#connection?.hold(held);
  }

  async stop(): Promise<void> {
    if (!this.#isStopped()) {
      this.#reconnection.cancel();
      this.#cancelAsk();
      this.#unreadable.stop();
      this.#reports.stopped();
      this.#change({ state: 'stopped' });
    }
    await Promise.all([this.#connection?.close(), this.#closing]);
  }

  #change(next: SourceState): void {
    // A callback may have stopped the source.
    if (this.#isStopped()) return;
    this.#state = next;
    this.#reports.guarded('onState', () => this.#options.onState(next));
  }

  #gap(from: number, reason: string): void {
    if (this.#isStopped()) return;
    this.#reports.guarded('onGap', () => this.#options.onGap({ from, reason }));
  }

  #begin(): void {
    this.#receipt.begin();
    this.#reports.connecting();
    // Change the state first, so that a caller that stops at once finds nothing to stop.
    this.#change({ state: 'connecting' });
    if (!this.#isStopped()) this.#connect();
  }

  #beIdle(): void {
    this.#receipt.end();
    this.#reconnection.cancel();
    this.#cancelAsk();
    this.#closing = this.#connection?.close() ?? this.#closing;
    this.#connection = null;
    this.#reports.idle();
    this.#change({ state: 'idle' });
  }

  #connect(): void {
    const { url, network, payloadLimitBytes, clock } = this.#options;
    const channel = this.#channel();
    const request = { url, network, channel, payloadLimitBytes, clean: this.#clean };
    this.#connection = new Connection(request, clock, {
      onConfirmed: () => this.#confirmed(channel),
      onAsked: (asked) => this.#reports.asked(asked),
      onAskFailed: (asked, reason) => this.#askFailed(asked, reason),
      onRejected: () => this.#rejected(channel.key),
      onMessage: (message) => this.#reports.guarded('onMessage', () => this.#options.onMessage(message)),
      onUnreadable: () => this.#unreadable.count(this.#receipt.lastFrameAt),
      onStale: () => this.#stale(this.#receipt.lastFrameAt),
      onRevived: () => this.#revived(),
      onLost: (loss) => this.#lost(loss),
    });
  }

  #channel() {
    return { channel: 'ApiChannel', key: this.#options.key.reveal(), events: this.#events };
  }

  /** Requests the present `#events`. If not subscribed, the next subscribe requests them anyway. */
  #askNow(): void {
    this.#cancelAsk();
    if (this.#state.state !== 'subscribed' && this.#state.state !== 'stale') return;
    const channel = this.#channel();
    this.#askedWith = channel.key;
    this.#connection?.ask(channel);
  }

  #askFailed(events: string, reason: string): void {
    if (this.#hasOtherKey(this.#askedWith)) {
      this.#reports.otherKey();
      this.#askNow();
      return;
    }
    this.#reports.askFailed(events, reason, askAgainMs);
    this.#cancelAsk = this.#options.clock.after(askAgainMs, () => this.#askNow());
  }

  /** Returns true if the key is another one than `used` by now. A key in a file is read again for that. */
  #hasOtherKey(used: string): boolean {
    const { key } = this.#options;
    return key.reveal() !== used || key.readAgain();
  }

  #confirmed({ key, events }: Channel): void {
    const missed = this.#receipt.resume();
    this.#reconnection.noteSubscribed();
    this.#reports.subscribed(missed?.from ?? null);
    this.#change({ state: 'subscribed' });
    if (missed !== null) this.#gap(missed.from, missed.reason);
    if (this.#isHeld) this.#connection?.hold(true);
    // A command or a reload changed them while the source was connecting.
    if (events !== this.#events || key !== this.#options.key.reveal()) this.#askNow();
  }

  /** `used`: the key that was rejected. */
  #rejected(used: string): void {
    this.#receipt.fail('the key was rejected');
    void this.#connection?.close();
    if (this.#hasOtherKey(used)) {
      this.#reports.otherKey();
      this.#reconnection.atOnce();
      return;
    }
    this.#reports.rejected(this.#reconnection.afterRejection());
    if (this.#state.state !== 'rejected') this.#change({ state: 'rejected' });
  }

  #stale(since: number): void {
    this.#reports.stale(since);
    this.#change({ state: 'stale', since });
  }

  #revived(): void {
    if (this.#state.state !== 'stale') return;
    // TCP loses nothing on the way, but a server that stood still may have missed events itself.
    const { since } = this.#state;
    this.#reports.revived(since);
    this.#change({ state: 'subscribed' });
    this.#gap(since, 'the server gave no sign of life for a while');
  }

  #lost(loss: Loss): void {
    this.#cancelAsk();
    const reason = describeLoss(loss);
    const lastFrameAt = this.#receipt.lastFrameAt;
    const since = this.#receipt.fail(reason);
    const waitMs = this.#reconnection.afterLoss();
    this.#reports.lost({ since, reason, waitMs, first: this.#state.state !== 'lost' });
    if (loss.kind === 'oversized') this.#gap(lastFrameAt, reason);
    if (this.#state.state !== 'lost' || this.#state.reason !== reason) this.#change({ state: 'lost', since, reason });
  }

  #isStopped(): boolean {
    return this.#state.state === 'stopped';
  }
}
