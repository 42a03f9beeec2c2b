import type { Network } from '../../http/network.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Clock } from '../../time/clock.ts';
import type { SourceState } from './state.ts';

export type { SourceState } from './state.ts';

export interface SourceOptions {
  /** The source's configured name, for the log. */
  readonly name: string;
  /** `ws://…` or `wss://…`; the log shows it without user and query. */
  readonly url: string;
  readonly key: Secret;
  readonly network: Network;
  /** The union of all subscriptions in the API's own grammar, each model and type once; '' = no events. */
  readonly events: string;
  /** Limit of a frame, read at each connection. A longer one is not read: the source reconnects and reports a gap. */
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
  /**
   * The key is another one: the events are requested with it, without a gap. If the server refuses it, the events of the
   * old one go on.
   */
  keyChanged(): void;
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
