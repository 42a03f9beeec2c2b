import { metasmokeLink } from '../metasmoke/links.ts';
import { shownLine } from '../text/shown.ts';
import type { Event } from '../words.ts';
import type { Message } from './message.ts';

/** What is shown of an event when no template could be filled: what it was, without a word of what it held. */
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
