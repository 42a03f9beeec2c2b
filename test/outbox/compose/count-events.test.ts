import { expect, it } from 'vitest';
import { countEvents } from '../../../src/outbox/compose/digest-entries.ts';
import { anEvent } from '../../support/events.ts';

it('a digest counts a derived event only if no other event of its subject is in it', () => {
  const derived = (id: number) => ({ ...anEvent({ id, type: 'deleted' }), origin: 'derived' as const });
  const deletion = anEvent({ id: 5, model: 'deletion_logs', subject: 'post:1' });
  expect([...countEvents([anEvent({ id: 1 }), deletion, derived(1), derived(2)])]).toEqual([
    ['posts', 2],
    ['deletion_logs', 1],
  ]);
});
