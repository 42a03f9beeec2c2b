import { cardTemplate } from '../app/draw-messages.ts';
import { storedEvent } from '../store/stored-event.ts';
import { readSubject } from '../subject-rows/read-subject.ts';
import type { Event } from '../words.ts';
import { explainRoom, type TrialRoom, type TriedInRoom } from './explain-room.ts';
import type { ExplainedEvent } from './explanation.ts';
import { type Fate, readEventsAfter, readFates } from './fates.ts';
import { tryRooms } from './note-tries.ts';
import { PACE_MS, passTo, passToEnd } from './pass-time.ts';
import type { RecordedMessage } from './read-event.ts';
import type { Trial } from './trial.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** An event of a trial whose rooms are not known yet. */
interface Noted {
  readonly line: number | null;
  readonly id: number;
  readonly event: Event;
  readonly failure: string | null;
  readonly tried: readonly TriedInRoom[];
}

type Pending = Noted | ExplainedEvent;

/** Plays events through a trial, and explains what became of each in every room. */
export class Explainer {
  readonly #trial: Trial;
  readonly #clock: VirtualClock;
  readonly #rooms: readonly TrialRoom[];
  #pending: readonly Pending[] = [];
  #lastId = 0;
  #isFirst = true;

  constructor(trial: Trial, clock: VirtualClock) {
    const { config, app } = trial;
    this.#trial = trial;
    this.#clock = clock;
    const configured = new Map(config.rooms.map((room) => [room.address, room]));
    this.#rooms = app.base.inEffect.rooms.map((stored) => ({
      stored,
      config: configured.get(stored.address) ?? null,
      subscriptions: app.ingest.live.ofRoom(stored.address),
    }));
  }

  /** Plays an event at its time. Returns the events that are settled in all rooms, oldest first. */
  async take({ line, at, message }: RecordedMessage): Promise<readonly ExplainedEvent[]> {
    const { db } = this.#trial.app.base;
    await passTo(db, this.#clock, at ?? this.#clock.now() + (this.#isFirst ? 0 : PACE_MS));
    await this.#noteNew(null);
    this.#isFirst = false;
    await this.#trial.tell(message);
    const found = await this.#noteNew(line);
    if (!found) this.#pending = [...this.#pending, this.#known(line, message)];
    await this.#clock.settle();
    return this.#settled(db);
  }

  /** Lets time pass until nothing waits any more. Returns the rest of the events. */
  async finish(): Promise<readonly ExplainedEvent[]> {
    const { db } = this.#trial.app.base;
    await passToEnd(db, this.#clock);
    const explained: ExplainedEvent[] = [];
    for (const one of this.#pending)
      explained.push('rooms' in one ? one : await this.#explain(one, await readFates(db, one.id)));
    this.#pending = [];
    return explained;
  }

  /** Notes the events that were stored since the last look, with what is tried for them. Returns true if one came from the source. */
  async #noteNew(line: number | null): Promise<boolean> {
    const { app } = this.#trial;
    const { db } = app.base;
    let isSent = false;
    for (const row of await readEventsAfter(db, this.#lastId)) {
      const event = storedEvent(row);
      const isAsked = app.ingest.live.router.asksSubject(event);
      const subject = isAsked ? await readSubject(db, event, event.receivedAt) : null;
      const subscriptions = this.#rooms.map((room) => room.subscriptions);
      const tried = tryRooms(subscriptions, event, subject).map((some) => ({ event, tried: some }));
      this.#pending = [...this.#pending, { line, id: row.id, event, failure: row.failure, tried }];
      isSent ||= event.origin !== 'derived';
      this.#lastId = row.id;
    }
    return isSent;
  }

  #known(line: number, message: unknown): ExplainedEvent {
    const { config } = this.#trial;
    const { catalogue, source } = config;
    const receivedAt = this.#clock.now();
    const context = { source: source.name, receivedAt, origin: 'live', catalogue, siteOf: () => null } as const;
    const read = source.kind.decode(message, context);
    const { model = '', type = '', subject = '' } = read.outcome === 'event' ? read.event : {};
    const leftOut = 'it came before';
    return { ...timed(receivedAt), line, event: `${model}#${type}`, subject, origin: 'live', leftOut, rooms: [] };
  }

  async #settled(db: Trial['app']['base']['db']): Promise<readonly ExplainedEvent[]> {
    const explained: ExplainedEvent[] = [];
    for (const one of this.#pending) {
      if ('rooms' in one) explained.push(one);
      else {
        const fates = await readFates(db, one.id);
        if (fates.some(({ state }) => state === 'waiting' || state === 'planned')) break;
        explained.push(await this.#explain(one, fates));
      }
    }
    this.#pending = this.#pending.slice(explained.length);
    return explained;
  }

  async #explain({ line, event, failure, tried }: Noted, found: readonly Fate[]): Promise<ExplainedEvent> {
    const { app, config } = this.#trial;
    const { db, directory } = app.base;
    const { model, type, subject, origin, receivedAt } = event;
    const told = { ...timed(receivedAt), line, event: `${model}#${type}`, subject, origin };
    if (failure !== null) return { ...told, leftOut: `Lookout failed on it: ${failure}`, rooms: [] };
    const fates = new Map(found.map((fate) => [fate.roomId, fate]));
    const rooms = [];
    for (const [index, room] of this.#rooms.entries()) {
      const fate = fates.get(directory.roomId(room.stored.address) ?? room.stored.id);
      rooms.push(await explainRoom({ db, templates: config.templates, cardTemplate }, room, tried[index]!, fate));
    }
    return { ...told, leftOut: null, rooms };
  }
}

const timed = (at: number) => ({ at: new Date(at).toISOString() });
