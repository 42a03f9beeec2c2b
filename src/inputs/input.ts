import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Clock } from '../time/clock.ts';
import type { Source, SourceOptions } from './source/source.ts';

/** A server that was started for `url: demo`. */
export interface Demo {
  readonly url: string;
  readonly key: Secret;
  stop(): Promise<void>;
}

/**
 * A kind of source, with what connects to it. A new kind is a folder here and a line in `inputs.ts`; everything that
 * only it knows is reached through this value.
 */
export interface Input extends SourceKind {
  /** Creates the connection to a server. Nothing is requested before its `start`. */
  connect(options: SourceOptions): Promise<Source>;
  /** Starts a server with sample events on this machine. */
  startDemo(options: { readonly clock: Clock; readonly log: Log; readonly catalogue: Catalogue }): Promise<Demo>;
  /** Returns sample messages, as the source sends them. `now`: Unix milliseconds. */
  samples(now: number): Promise<Iterable<unknown>>;
}
