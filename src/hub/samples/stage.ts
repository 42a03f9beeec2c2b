import type { EventObject, SentType } from '../../words.ts';
import type { WireEvent } from '../wire-event.ts';

/** A sample event and when it happens, Unix milliseconds. */
export interface StagedEvent {
  readonly at: number;
  readonly event: WireEvent;
}

/** Gives the ids and times of one run of samples. */
export interface Mint {
  /** The next id of a model (or of anything else that is counted by name). */
  id(model: string): number;
}

/**
 * Ids grow from the start's tenths of a second: whoever starts later sees other ids, as long as a run mints fewer than
 * ten a second of one model, which at a human pace it does. They pass 2^31, as metasmoke's may.
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

/** A time as Rails writes it: UTC, whole seconds, `2025-07-06T15:09:00.000Z`. */
function railsTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}.000Z`;
}

/** Where one scene happens: it says what happens how many seconds after its beginning. */
export interface Stage {
  readonly mint: Mint;
  /** The time `afterSeconds` from the beginning, as rows carry it. */
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
