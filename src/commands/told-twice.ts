import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { Block } from '../render/message.ts';
import { code, paragraph } from '../render/say.ts';
import type { RoomSubscription } from '../rooms/live-subscriptions.ts';

/** Says which of the events that a room is to receive from now on tell what it receives anyway: one line for each. */
export function toldTwice(
  catalogue: Catalogue,
  events: EventSpec,
  subscriptions: readonly RoomSubscription[],
): readonly Block[] {
  const specs = [events, ...subscriptions.map((one) => one.events)];
  return [...events].flatMap(([model, types]) =>
    (catalogue.model(model)?.repeats ?? [])
      .filter(({ type, ...other }) => types.has(type) && specs.some((spec) => spec.get(other.model)?.has(other.by)))
      .map(({ type, why, ...other }) =>
        paragraph(
          ...[code(`${model}#${type}`), ' mostly repeats ', code(`${other.model}#${other.by}`)],
          `, which this room receives: ${why}.`,
        ),
      ),
  );
}
