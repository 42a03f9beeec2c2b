import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import type { Templates } from '../render/load-templates.ts';
import { code, paragraph } from '../render/say.ts';
import type { LiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { insertSubscription, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { sayTooMuch } from '../router/condition-budget.ts';
import { subscriptionId } from '../router/subscription-id.ts';
import { noOptions } from '../router/subscription-options.ts';
import type { Trx } from '../store/tables.ts';
import { nearest } from '../text/nearest.ts';
import type { Command } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { filterText, readFilter } from './events-option.ts';

export interface SubscribeParts {
  readonly catalogue: Catalogue;
  readonly templates: Templates;
  readonly live: LiveSubscriptions;
  /** Subscriptions by command that a room may have. */
  readonly perRoom: number;
  /** `any`: a room that the configuration does not name becomes one by its first subscription. */
  readonly rooms: 'listed' | 'any';
  /** Makes a room of one that is none yet. */
  readonly openRoom: (trx: Trx, room: CommandRoom) => Promise<void>;
  /** After the commit: the room works, the source is asked for what is wanted now. */
  readonly changed: (room: CommandRoom) => Promise<void>;
}

export function createSubscribe(parts: SubscribeParts): Command {
  const { catalogue, templates, live } = parts;
  return {
    name: 'subscribe',
    description: 'Subscribe this room to events',
    who: 'changers',
    options: [
      {
        name: 'events',
        type: 'events',
        description: 'Which events, as posts#create or flag_logs;feedbacks#create',
        required: true,
        place: 'word',
      },
      {
        name: 'where',
        type: 'where',
        description: 'Only those for which this condition (CEL) is true',
        required: false,
        place: 'named',
      },
      {
        name: 'template',
        type: 'template',
        description: 'How they look; the model’s own without it',
        required: false,
        place: 'named',
      },
    ],
    examples: ['subscribe posts#create', 'subscribe posts#create --where object.user_reputation < 50'],
    run({ values, room, asker, now }) {
      const filter = readFilter(catalogue, values.events ?? '', values.where);
      if (filter.outcome === 'refused') return filter;
      const template = values.template ?? null;
      if (template !== null && templates.get(template) === undefined) {
        const meant = nearest(template, templates.names);
        const right = meant === null ? `templates are ${templates.names.join(', ')}` : `did you mean ${meant}?`;
        return { outcome: 'refused', say: [paragraph('There is no template ', code(template), `: ${right}`)] };
      }
      if (room.direct || (room.id === null && parts.rooms === 'listed'))
        return {
          outcome: 'refused',
          say: [
            room.direct
              ? paragraph('A subscription belongs to a room: write this in the room that is to receive it.')
              : paragraph(
                  'This room is not in the configuration. Its operator can name it under ',
                  code('rooms:'),
                  ', or allow any with ',
                  code('commands: { rooms: any }'),
                  '.',
                ),
          ],
        };
      const { events, where } = filter;
      const id = subscriptionId({ events, where, template, rooms: [room.address] });
      const text = formatEventSpec(events);
      if (live.find(id) !== undefined)
        return { outcome: 'done', say: [paragraph('This room has that subscription already: ', code(id))] };
      const made = live.ofRoom(room.address).filter((one) => one.stored !== null).length;
      if (made >= parts.perRoom)
        return {
          outcome: 'refused',
          say: [
            paragraph(
              `This room has ${made} subscriptions by command, and may have ${parts.perRoom}: end one with `,
              code('unsubscribe'),
              ', or ask the operator for more (',
              code('commands: { per_room: … }'),
              ').',
            ),
          ],
        };
      const wanted = { id, events, where: filter.condition, rooms: [room.address], template, options: noOptions };
      const tooMuch = live.tooMuch(wanted);
      if (tooMuch !== null)
        return {
          outcome: 'refused',
          say: [
            paragraph(
              `With it, ${sayTooMuch(tooMuch, tooMuch.room === null ? 'in all rooms' : 'in this room')}: use smaller patterns, or end one with `,
              code('unsubscribe'),
              '.',
            ),
          ],
        };
      const stored: StoredSubscription = {
        id,
        address: room.address,
        events: text,
        where,
        template,
        author: asker.id,
        createdAt: now,
      };
      return {
        outcome: 'done',
        private: false,
        say: [
          paragraph(
            'This room now receives ',
            ...filterText(text, where),
            '. End it with ',
            code(`unsubscribe ${id}`),
            '.',
          ),
          ...filter.doubts,
        ],
        change: {
          what: `subscribed to ${text}${where === null ? '' : ` where ${where}`}${template === null ? '' : ` with template ${template}`} (${id})`,
          async apply(trx) {
            if (room.id === null) await parts.openRoom(trx, room);
            await insertSubscription(trx, stored);
          },
          async after() {
            live.add(stored);
            await parts.changed(room);
          },
        },
      };
    },
  };
}
