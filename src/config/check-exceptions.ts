import type { Catalogue } from '../catalogue/catalogue.ts';
import { formatEventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Subscription } from '../router/router.ts';
import type { EventType } from '../words.ts';
import type { RoomConfig } from './config.ts';
import type { Context } from './context.ts';
import { findTree, type Mapping } from './tree.ts';

/** Warns of quiet hours that let events through which no subscription of their room names: then nothing comes through. */
export function warnOfUselessExceptions(
  { report }: Pick<Context, 'report'>,
  top: Mapping,
  {
    rooms,
    subscriptions,
    catalogue,
  }: {
    readonly rooms: readonly RoomConfig[];
    readonly subscriptions: readonly Subscription[];
    readonly catalogue: Catalogue;
  },
): void {
  const withException = rooms.filter(({ quiet }) => quiet.some(({ except }) => except !== null));
  if (withException.length === 0) return;
  const byRoom = new Map<string, Subscription[]>(withException.map(({ address }) => [address, []]));
  for (const one of subscriptions) for (const address of one.rooms) byRoom.get(address)?.push(one);
  for (const { name, address, quiet } of withException) {
    const ofRoom = byRoom.get(address) ?? [];
    const isNamed = (model: string, type: EventType) =>
      ofRoom.some(({ events }) => events.get(model)?.has(type) === true);
    for (const { except } of quiet) {
      const parsed = except === null ? null : parseEventSpec(except, catalogue);
      if (parsed?.outcome !== 'ok') continue;
      // A room without a subscription here may get some by commands.
      const useless =
        ofRoom.length > 0 &&
        [...parsed.spec].every(([model, types]) => [...types].every((type) => !isNamed(model, type)));
      if (!useless) continue;
      report.warning(
        findTree(top, ['rooms', name, 'quiet']).found.offset,
        `no subscription of ${name} asks for ${formatEventSpec(parsed.spec)}, so "except" lets nothing through`,
        'add them to a subscription of the room, or remove "except"',
      );
    }
  }
}
