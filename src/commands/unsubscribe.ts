import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Inline } from '../render/message.ts';
import { code, list, paragraph, person, time, typed } from '../render/say.ts';
import type { LiveSubscriptions, RoomSubscription } from '../rooms/live-subscriptions.ts';
import { deleteSubscription, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { nearest } from '../text/nearest.ts';
import { type Command, type Outcome, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { filterText, withSemicolons } from './events-option.ts';
import { again, lineOf } from './line-again.ts';

/** Largest number of subscriptions that a refusal lists. */
const mostNear = 10;

export interface UnsubscribeParts {
  readonly live: LiveSubscriptions;
  readonly catalogue: Catalogue;
  /** After the commit: the source is asked for what is wanted now. */
  readonly changed: (room: CommandRoom) => Promise<void>;
}

export function createUnsubscribe({ live, catalogue, changed }: UnsubscribeParts): Command {
  function removal(stored: StoredSubscription, room: CommandRoom): Outcome {
    const { events, where, template } = stored;
    const undo = again('Undo', [lineOf(`subscribe ${events}`, { template, where })]);
    return {
      outcome: 'done',
      private: false,
      say: [paragraph('This room no longer receives ', ...filterText(events, where), '.'), ...undo.say],
      offers: undo.offers,
      change: {
        concernsSource: true,
        what: `unsubscribed from ${stored.events}${stored.where === null ? '' : ` where ${stored.where}`} (${stored.id})`,
        apply: (trx) => deleteSubscription(trx, stored.id),
        async after() {
          live.remove(stored.id);
          await changed(room);
        },
      },
    };
  }

  return {
    name: 'unsubscribe',
    description: 'End a subscription that was made by a command',
    who: 'changers',
    options: [
      {
        name: 'subscription',
        type: 'subscription',
        description: 'An id or events, as subscriptions lists them',
        required: true,
        place: 'rest',
      },
    ],
    examples: ['unsubscribe 1f0c2a9d77e4', 'unsubscribe posts#create'],
    run({ values, room }) {
      const named = values.subscription ?? '';
      const broken = live.brokenIn(room.address).find(({ stored: one }) => one.id === named || madeAt(one) === named);
      if (broken !== undefined) return removal(broken.stored, room);
      const heard = live.ofRoom(room.address);
      const found = choose(heard, named, catalogue);
      if (found.length === 0 && isMadeAt.test(named))
        return refused(
          paragraph('That subscription has ended. What is there now was made later: ', typed('subscriptions'), '.'),
        );
      if (found.length === 0) return notFound(heard, named);
      const [only] = found;
      if (only === undefined || found.length > 1)
        return refused(paragraph('Several are called so, name one by its id:'), list(found.map(described)));
      const { stored } = only;
      if (stored === null)
        return refused(
          paragraph(
            'That one is in the configuration file, which only the operator changes. To receive less, ',
            typed(`mute ${formatEventSpec(only.events)}`),
            ' pauses it.',
          ),
        );
      return removal(stored, room);
    },
  };
}

/** The name of a subscription that no later one of the same events gets, for buttons: `1f0c2a9d77e4@mjwgxrig`. */
export const madeAt = ({ id, createdAt }: Pick<StoredSubscription, 'id' | 'createdAt'>) =>
  `${id}@${createdAt.toString(36)}`;
const isMadeAt = /^[\da-f]+@[\da-z]+$/;

/** Returns the refusal that names the subscriptions which have a part of what was written. */
function notFound(heard: readonly RoomSubscription[], named: string): Refused {
  const models = [...new Set(heard.flatMap(({ events }) => [...events.keys()]))];
  const words = named.split(/[;,\s]+/).map((piece) => piece.split('#')[0] ?? '');
  const meant = new Set(words.map((word) => (word === '' ? null : nearest(word, models))));
  const near = heard.filter(({ events }) => [...events.keys()].some((model) => meant.has(model)));
  if (near.length === 0)
    return refused(
      paragraph('This room has no subscription ', code(named), ': ', typed('subscriptions'), ' lists them.'),
    );
  return refused(
    paragraph('This room has no subscription ', code(named), '. Name the one that you mean by its id:'),
    list(near.slice(0, mostNear).map(described)),
  );
}

/** By id, by id and time, by the beginning of one id, or by its events. */
function choose(heard: readonly RoomSubscription[], named: string, catalogue: Catalogue): readonly RoomSubscription[] {
  const exact = heard.filter((one) => one.id === named || (one.stored !== null && madeAt(one.stored) === named));
  if (exact.length > 0) return exact;
  const spec = parseEventSpec(withSemicolons(named, catalogue), catalogue);
  const events = spec.outcome === 'ok' ? formatEventSpec(spec.spec) : null;
  const byEvents = heard.filter((one) => formatEventSpec(one.events) === events);
  if (byEvents.length > 0) return byEvents;
  return named.length < 4 ? [] : heard.filter((one) => one.id.startsWith(named));
}

/** A subscription in a list: its id, what it hears, where it is from. */
export function described({
  id,
  events,
  where,
  template,
  stored,
  inFile,
}: RoomSubscription): readonly (string | Inline)[] {
  return [
    code(id),
    ' ',
    ...filterText(formatEventSpec(events), where?.source ?? null),
    template === null ? '' : `, template ${template}`,
    ...originOf({ stored, inFile }),
  ];
}

/** ` (line 12 of the configuration)`, or `, by` whom and when. */
export const originOf = ({ stored, inFile }: Pick<RoomSubscription, 'stored' | 'inFile'>) =>
  stored === null
    ? [` (${inFile === null ? 'from' : `line ${inFile.line} of`} the configuration)`]
    : [', by ', person(stored.author), ', ', time(stored.createdAt, 'distance', dayOf(stored.createdAt))];

/** `on 2026-11-24` */
const dayOf = (at: number) => `on ${new Date(at).toISOString().slice(0, 10)}`;
