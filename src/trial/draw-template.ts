import { previewParts } from '../app/preview-parts.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { CommandRoom } from '../commands/command-room.ts';
import type { Rendered } from '../render/renderer.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Event } from '../words.ts';
import type { RecordedMessage } from './read-event.ts';
import { names } from './samples.ts';
import { startTrial, type TrialOptions } from './trial.ts';
import { createVirtualClock } from './virtual-clock.ts';

export interface DrawTemplateOptions extends Pick<TrialOptions, 'config' | 'platforms' | 'inputs' | 'version' | 'log'> {
  readonly template: string;
  readonly room: CommandRoom;
  /** Events, oldest first: the last one is drawn, and the others are known about it. */
  readonly messages: readonly RecordedMessage[];
  /** The last event of these is drawn, `posts#create`; null: the last of all. */
  readonly wanted: EventSpec | null;
  /** The time of events that do not say when they came, Unix milliseconds. */
  readonly now: number;
}

/** A drawn event. */
export interface Drawn {
  readonly event: Event;
  readonly rendered: Rendered;
}

/** Draws an event as the command `preview` does. Returns null if none of the events is wanted. */
export async function drawTemplate(options: DrawTemplateOptions): Promise<Drawn | null> {
  const { messages, template, room, wanted } = options;
  const clock = createVirtualClock(messages[0]?.at ?? options.now);
  const nothing = { commanded: null, format: () => '', async onSend() {} };
  const trial = await startTrial({ ...options, ...nothing, clock });
  try {
    for (const { at, message } of messages) {
      if (at !== null) await clock.passUntil(at);
      await trial.tell(message);
      await clock.settle();
    }
    const { app, config } = trial;
    const { db } = app.base;
    const rows = await db.selectFrom('events').selectAll().orderBy('id', 'desc').execute();
    const row = rows.find(({ model, type, origin }) =>
      wanted === null ? origin !== 'derived' : names(wanted, `${model}#${type}`),
    );
    if (row === undefined) return null;
    const event = storedEvent(row);
    const { render } = previewParts(
      {
        ...{ config, db, platforms: options.platforms, renderer: app.delivery.renderer, live: app.ingest.live },
        clock,
        samples: async () => [],
      },
      app.ingest.live,
    );
    return { event, rendered: await render(event, template, room) };
  } finally {
    await clock.passWhile(trial.app.stop(0));
  }
}
