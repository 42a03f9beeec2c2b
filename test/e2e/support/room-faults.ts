import { complaints, type Expected, expectationOf, type Shown } from './oracle.ts';
import type { OutboxFile } from './outbox-file.ts';

/** A room of Lookout: its platform and the beginning of its name in the configuration. */
export interface RoomOfOutbox {
  readonly platform: 'discord' | 'matrix';
  readonly name: string;
}

const isOfOrder = (fault: string) => fault.startsWith('order: ');

/**
 * Describes every fault of a room that shows each event by its mark. Each event that the undisturbed subscriber received must be
 * there once. Their order is judged by the order in which Lookout received them: Action Cable hands the frames of a connection to
 * a pool of threads (`worker_pool_stream_handler` in its streams.rb), so that two connections may receive two events in different
 * order. A message that was begun before an event arrived cannot follow it, however long it was on its way.
 */
export function roomFaults(
  outbox: OutboxFile,
  room: RoomOfOutbox,
  expected: readonly Expected[],
  shown: readonly Shown[],
): string[] {
  const isExpected = new Set(expected.map(({ mark }) => mark));
  const heard = expectationOf(outbox.heard()).expected();
  const begun = outbox.begun(room);
  const asBegun = shown.map(({ mark, at }) => ({ mark, at: Math.min(at, begun.get(mark) ?? at) }));
  return [
    ...complaints(expected, shown).filter((fault) => !isOfOrder(fault)),
    ...complaints(
      heard.filter(({ mark }) => isExpected.has(mark)),
      asBegun,
    ).filter(isOfOrder),
  ];
}
