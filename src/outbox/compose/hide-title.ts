import type { Context } from '../../render/engine.ts';
import type { Message } from '../../render/message.ts';
import { paragraph, spoiler } from '../../render/say.ts';
import { hiddenTitle, saysOffensive } from '../../subjects/offensive.ts';
import { objectOf, textOf } from '../../text/json.ts';
import type { Event, EventObject } from '../../words.ts';

/** The parts that a message is made from, without the title of its post. */
interface WithoutTitle {
  readonly event: Event;
  readonly known: Context;
  /** The title; null if it is unknown. */
  readonly title: string | null;
}

/**
 * Hides the title of the post of an event from templates: they get other words in its place. Nor do they get `why`,
 * which quotes the words that were found.
 */
function withoutTitle(event: Event, known: Context): WithoutTitle {
  const post = known.post == null ? null : (objectOf(known.post) as EventObject);
  const isReport = event.role === 'report';
  return {
    event: isReport ? { ...event, object: hide(event.object) } : event,
    known: post === null ? known : { ...known, post: hide(post) },
    title: textOf(isReport ? event.object.title : post?.title),
  };
}

function hide(row: EventObject): EventObject {
  return {
    ...row,
    ...(typeof row.title === 'string' && { title: hiddenTitle }),
    ...(row.why !== undefined && { why: null }),
  };
}

/** Draws a message about a post, with its title behind a spoiler if that is hidden. */
export function drawHiding<R extends { readonly message: Message }>(
  isHidden: boolean,
  { event, known }: Pick<WithoutTitle, 'event' | 'known'>,
  draw: (event: Event, known: Context) => R,
): R {
  if (!isHidden) return draw(event, known);
  const without = withoutTitle(event, known);
  const drawn = draw(without.event, without.known);
  return { ...drawn, message: withSpoiler(drawn.message, without.title) };
}

/** Adds a hidden title as a spoiler to a message that shows other words in its place: titles of embeds cannot hold one. */
function withSpoiler(message: Message, title: string | null): Message {
  const isMissing = title !== null && title.trim() !== '' && JSON.stringify(message).includes(hiddenTitle);
  return isMissing ? { ...message, body: [paragraph(spoiler(title)), ...message.body] } : message;
}

/** Hides the title of the newest post of a reason that says "offensive". */
export function withoutLastTitle(event: Event): Event {
  const { reason_name: name, last_post_title: title } = event.object;
  const isHidden = typeof title === 'string' && typeof name === 'string' && saysOffensive(name);
  return isHidden ? { ...event, object: { ...event.object, last_post_title: hiddenTitle } } : event;
}
