import { expect, it } from 'vitest';
import { expectationOf, markOf } from './support/oracle.ts';
import type { OutboxFile } from './support/outbox-file.ts';
import type { WireEvent } from './support/rails-server.ts';
import { roomFaults } from './support/room-faults.ts';

const wire = (event_class: string, event_type: WireEvent['event_type'], more = {}): WireEvent => ({
  event_class,
  event_type,
  object: { id: 7, updated_at: '2026-01-01T00:00:01.000Z', e2e: event_type, ...more },
});
const feedback = wire('Feedback', 'create', { post_id: 7 });
const update = wire('Post', 'update');

/** Faults of a room that shows the update first. `heard`: in the order in which Lookout received them, 5 s apart. */
function faultsOf(heard: readonly WireEvent[], begun: Record<string, number> = {}): string[] {
  const outbox: Partial<OutboxFile> = {
    heard: () => heard.map((event, index) => ({ event, at: index * 5_000 })),
    begun: () => new Map(Object.entries(begun)),
  };
  const expected = expectationOf([feedback, update].map((event) => ({ event, at: 0 }))).expected();
  const shown = [update, feedback].map((event) => ({ mark: markOf(event), at: 60_000 }));
  return roomFaults(outbox as OutboxFile, { platform: 'discord', name: 'marks' }, expected, shown);
}

it('finds a wrong order of events that Lookout received in the right one', () => {
  expect(faultsOf([feedback, update])).toHaveLength(1);
});

it('finds a wrong order of events that both waited', () => {
  expect(faultsOf([update, feedback])).toHaveLength(1);
});

it('accepts that order if the message of the first was begun before the second arrived', () => {
  expect(faultsOf([update, feedback], { [markOf(update)]: 100 })).toEqual([]);
});

it('finds an event that Lookout did not receive', () => {
  const expected = expectationOf([{ event: update, at: 0 }]).expected();
  const outbox = { heard: () => [], begun: () => new Map() } as unknown as OutboxFile;
  expect(roomFaults(outbox, { platform: 'matrix', name: 'marks' }, expected, [])).toEqual([`lost: ${markOf(update)}`]);
});
