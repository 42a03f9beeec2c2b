import { metasmokeLink } from '../metasmoke/links.ts';
import { shownLine } from '../text/shown.ts';
import type { Event } from '../words.ts';
import type { Message } from './message.ts';

/** Returns a message for an event whose templates all failed: it names the event without its content. */
export function lastResort(event: Event): Message {
  const id = event.rowId === null ? '' : ` ${event.rowId}`;
  const link = metasmokeLink(event);
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
