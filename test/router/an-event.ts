import type { Event, EventObject } from '../../src/words.ts';
import { roleOf } from '../support/the-catalogue.ts';

/** Returns an event with the given values; a post's create by default. */
export function anEvent(object: EventObject = {}, more: Partial<Event> = {}): Event {
  return {
    source: 'metasmoke',
    model: 'posts',
    class: 'Post',
    role: roleOf(more.model ?? 'posts'),
    type: 'create',
    rowId: '1',
    subject: 'post:1',
    updatedAt: null,
    receivedAt: Date.UTC(2025, 6, 6, 15, 10),
    origin: 'live',
    object,
    ...more,
  };
}
