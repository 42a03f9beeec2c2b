import type { EventObject, SentType } from '../../words.ts';
import type { WireEvent } from '../wire-event.ts';

/** A sample event and its time, Unix milliseconds. */
export interface StagedEvent {
  readonly at: number;
  readonly event: WireEvent;
}

/** Generates the ids and times of one run of samples. */
export interface Mint {
  /** Returns the next id of a model (or of any other counter, by name). */
  id(model: string): number;
}

/**
 * Creates the ids of a run. They start from the current time in tenths of a second, so that a later run has other ids
 * as long as one mints fewer than ten a second per model, which the pace of the story ensures. They exceed 2^31, as
 * metasmoke's may.
 */
export function createMint(startedAt: number): Mint {
  const next = new Map<string, number>();
  return {
    id(model) {
      const id = next.get(model) ?? Math.floor(startedAt / 100);
      next.set(model, id + 1);
      return id;
    },
  };
}

/** Returns a time in the format of Rails: UTC, whole seconds, `2025-07-06T15:09:00.000Z`. */
function railsTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}.000Z`;
}

/** Collects the events of one scene, each so many seconds after its beginning. */
export interface Stage {
  readonly mint: Mint;
  /** Returns the time `afterSeconds` from the beginning, in the format of a row. */
  time(afterSeconds: number): string;
  say(afterSeconds: number, eventClass: string, type: SentType, object: EventObject): void;
  readonly events: readonly StagedEvent[];
}

export function createStage(mint: Mint, start: number): Stage {
  const events: StagedEvent[] = [];
  const at = (afterSeconds: number) => start + Math.round(afterSeconds * 1000);
  return {
    mint,
    events,
    time: (afterSeconds) => railsTime(at(afterSeconds)),
    say(afterSeconds, event_class, event_type, object) {
      events.push({ at: at(afterSeconds), event: { event_type, event_class, object } });
    },
  };
}
