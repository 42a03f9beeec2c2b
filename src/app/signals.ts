import type { Clock } from '../time/clock.ts';
import type { AccountId } from '../words.ts';

/** A signal between the units of work. Each may be lost: everything in it can be read from rows, too. */
export interface Note {
  /** The ids of rooms that have something new. */
  readonly rooms?: readonly number[];
  /** True: anything may have changed. */
  readonly all?: true;
  /** The ids of events whose rows were changed. */
  readonly moved?: readonly number[];
  /** The time before which everything that the source sent is committed, Unix milliseconds; null: nothing waits. */
  readonly storedUntil?: number | null;
  /** The accounts for which shards heard something. */
  readonly heard?: readonly AccountId[];
  /** The version of what commands changed, which a unit wrote. */
  readonly changed?: number;
  /** The version that the leader acts by from now on. */
  readonly read?: number;
}

/** The connection of a unit to the others. */
export interface Signals {
  /** Tells all other units, in this process and in others. */
  tell(note: Note): void;
  leave(): void;
}

/** Shortest time between two looks at everything because of texts that are not ours, ms. */
const STRANGE_EVERY_MS = 1_000;

/** Connects the units of this process with each other, and with those of other processes. */
export class Switchboard {
  readonly #units = new Set<(note: Note) => void>();
  readonly #send: (text: string) => void;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When a text that is not ours was last heard and acted on, by the monotonic clock, ms. */
  #strangeAt = Number.NEGATIVE_INFINITY;

  /** `send`: sends a text to all other processes. */
  constructor(send: (text: string) => void, clock: Pick<Clock, 'monotonic'>) {
    this.#send = send;
    this.#clock = clock;
  }

  join(onNote: (note: Note) => void): Signals {
    this.#units.add(onNote);
    return {
      tell: (note) => {
        for (const one of this.#units) if (one !== onNote) one(note);
        this.#send(JSON.stringify(note));
      },
      leave: () => void this.#units.delete(onNote),
    };
  }

  /** Passes on a text of another process. Other programs may send texts, too: one that is not a note counts as a note that was lost. */
  heard(text: string): void {
    const note = readNote(text);
    if (note === null) this.#heardStrange();
    else for (const one of this.#units) one(note);
  }

  #heardStrange(): void {
    const now = this.#clock.monotonic();
    if (now - this.#strangeAt < STRANGE_EVERY_MS) return;
    this.#strangeAt = now;
    this.mayHaveMissed();
  }

  /** Texts may have been lost. */
  mayHaveMissed(): void {
    for (const one of this.#units) one(everything);
  }
}

const everything: Note = { all: true };

/** Rooms may have been given up, which other accounts wait for. */
export const roomsAreFree: Note = { changed: 0 };

/** In place of notes that were lost. */
export const lostNote = JSON.stringify(everything);

/** Returns a note in place of one that is too long. Pure. */
export function shortNote(text: string): string {
  return JSON.stringify({ ...everything, ...lastOf([JSON.parse(text) as Note]) });
}

/** Reads a note of another process; null: it is not one. Pure. */
function readNote(text: string): Note | null {
  const note = parsed(text);
  if (typeof note !== 'object' || note === null || Array.isArray(note)) return null;
  const { rooms, moved, heard, storedUntil, changed, read } = note as { readonly [key in keyof Note]: unknown };
  const areIds = [rooms, moved].every((ids) => ids === undefined || (Array.isArray(ids) && ids.every(isNumber)));
  const areNumbers = [storedUntil ?? undefined, changed, read].every((each) => each === undefined || isNumber(each));
  const areAccounts = heard === undefined || (Array.isArray(heard) && heard.every((id) => typeof id === 'string'));
  return areIds && areAccounts && areNumbers ? (note as Note) : null;
}

const isNumber = (value: unknown) => typeof value === 'number';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Joins the notes of a moment into one. Pure. */
export function joinNotes(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  const notes = texts.map((text) => JSON.parse(text) as Note);
  const joined: Note = {
    ...(notes.some(({ all }) => all) ? everything : {}),
    ...listed('rooms', notes),
    ...listed('moved', notes),
    ...listed('heard', notes),
    ...highest('changed', notes),
    ...highest('read', notes),
    ...lastOf(notes),
  };
  return [JSON.stringify(joined)];
}

function listed(key: 'rooms' | 'moved' | 'heard', notes: readonly Note[]): Note {
  const ids = new Set<number | AccountId>(notes.flatMap((note): readonly (number | AccountId)[] => note[key] ?? []));
  return ids.size === 0 ? {} : { [key]: [...ids] };
}

function highest(key: 'changed' | 'read', notes: readonly Note[]): Note {
  const versions = notes.flatMap((note) => note[key] ?? []);
  return versions.length === 0 ? {} : { [key]: Math.max(...versions) };
}

function lastOf(notes: readonly Note[]): Note {
  const last = notes.findLast(({ storedUntil }) => storedUntil !== undefined);
  return last === undefined ? {} : { storedUntil: last.storedUntil! };
}

/** Remembers up to which time the leader, in another unit, has stored what the source sent. */
export class StoredUntil {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #isLed: () => boolean;
  #until: number | null = null;
  /** When that was told, by the monotonic clock, ms. */
  #toldAt = 0;

  /** `isLed`: returns false if no process listens to the source: what one of them had in memory is a gap. */
  constructor(clock: Pick<Clock, 'monotonic'>, isLed: () => boolean) {
    this.#clock = clock;
    this.#isLed = isLed;
  }

  note(until: number | null): void {
    this.#until = until;
    this.#toldAt = this.#clock.monotonic();
  }

  /** Unix milliseconds; Infinity: nothing waits to be stored, as far as is known. */
  readonly read = (): number => {
    const isOver = this.#clock.monotonic() - this.#toldAt >= TOLD_FOR_MS;
    return this.#until !== null && !isOver && this.#isLed() ? this.#until : Number.POSITIVE_INFINITY;
  };
}

/** Time for which it counts, ms: a leader for which something waits repeats it sooner, and its last word may be lost. */
const TOLD_FOR_MS = 1_000;
/** Interval at which a leader says up to when it has stored everything, ms, after rooms were woken. */
const TELL_EVERY_MS = 200;
/** Time for which it does, ms: events wait at most half a second for what belongs before them. */
const TELL_FOR_MS = 2_000;

/** Tells the other units up to when everything is stored, while some delivery may wait for it. */
export class StoredUntilTeller {
  readonly #clock: Clock;
  readonly #tell: (until: number | null) => void;
  readonly #read: () => number;
  #until = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  /** `read`: returns the time before which everything is stored; Infinity: nothing waits. */
  constructor(clock: Clock, read: () => number, tell: (until: number | null) => void) {
    this.#clock = clock;
    this.#read = read;
    this.#tell = tell;
  }

  /** The time to tell with the rooms that are woken. */
  now(): number {
    this.#until = this.#clock.monotonic() + TELL_FOR_MS;
    this.#cancel ??= this.#clock.after(TELL_EVERY_MS, () => this.#again());
    return Math.min(this.#clock.now(), this.#read());
  }

  #again(): void {
    const isOver = this.#clock.monotonic() >= this.#until && this.#read() === Number.POSITIVE_INFINITY;
    this.#cancel = isOver ? null : this.#clock.after(TELL_EVERY_MS, () => this.#again());
    this.#tell(isOver ? null : Math.min(this.#clock.now(), this.#read()));
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = () => {};
  }
}
