import type { Config } from '../config/config.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { storedEvent } from '../store/stored-event.ts';
import type { Database } from '../store/tables.ts';
import { sourceLost } from '../subjects/derive.ts';
import type { Clock } from '../time/clock.ts';
import type { Event } from '../words.ts';
import type { CommandRoom } from './command-room.ts';

/** Number of sample events that are looked through for one of a model. */
const mostSamples = 2_000;

export interface ExampleOptions {
  readonly config: Pick<Config, 'catalogue' | 'source' | 'derived'>;
  readonly db: Database;
  readonly live: Pick<LiveSubscriptions, 'ofRoom'>;
  readonly clock: Clock;
  /** Returns sample messages of the source. `now`: Unix milliseconds. */
  readonly samples: (now: number) => Promise<Iterable<unknown>>;
}

/** Returns the newest stored event of a subject, or of the template's model; else a sample. Null: the room heard of none. */
export async function exampleOf(
  { db, config, live, clock, samples }: ExampleOptions,
  template: string,
  subject: string | null,
  room: CommandRoom,
): Promise<Event | null> {
  const { catalogue } = config;
  const newest = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(1);
  if (subject !== null) {
    // What other rooms hear is theirs.
    const heard = live.ofRoom(room.address).flatMap(({ events }) => [...events.keys()]);
    const row = await newest
      .where('subject', '=', subject)
      .where(({ or, eb, exists, selectFrom }) =>
        or([
          eb('model', 'in', ['', ...heard]),
          exists(
            selectFrom('deliveries as d')
              .select('d.id')
              .whereRef('d.event_id', '=', 'events.id')
              .where('d.room_id', '=', room.id ?? -1),
          ),
        ]),
      )
      .executeTakeFirst();
    return row === undefined ? null : storedEvent(row);
  }
  const model =
    catalogue.names.find((name) => catalogue.model(name)?.singular === template) ??
    catalogue.ofRole('report')?.name ??
    '';
  const row = await newest.where('model', '=', model).executeTakeFirst();
  if (row !== undefined) return storedEvent(row);
  if (model === 'source') {
    const since = clock.wall() - config.derived.lostAfterMs;
    return sourceLost({ name: config.source.name, reason: 'a sample: nothing is lost', since }, clock.wall()).event;
  }
  let looked = 0;
  for (const sample of await samples(clock.wall())) {
    const decoded = config.source.kind.decode(sample, {
      source: 'sample',
      receivedAt: clock.now(),
      origin: 'live',
      catalogue,
      siteOf: () => null,
    });
    if (decoded.outcome === 'event' && decoded.event.model === model) return decoded.event;
    if (++looked > mostSamples) break;
  }
  return null;
}
