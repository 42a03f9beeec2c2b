import { shownLine } from '../text/shown.ts';
import type { Event } from '../words.ts';
import type { Message } from './message.ts';

/** Returns a message for an event whose templates all failed: it names the event without its content. `link`: the source's page for it. */
export function lastResort(event: Event, link: string | null): Message {
  const id = event.rowId === null ? '' : ` ${event.rowId}`;
  return {
    title: [{ kind: 'text', text: shownLine(`${event.class}${id}: ${event.type}`) }],
    url: link,
    color: null,
    body: [],
    fields: [],
    footer: null,
    image: null,
    link,
  };
}
