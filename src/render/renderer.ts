import { happenedAt } from '../catalogue/event-time.ts';
import { underscore } from '../catalogue/inflect.ts';
import type { SourceLinks } from '../catalogue/source-kind.ts';
import type { Event, EventObject, PlatformName } from '../words.ts';
import { cutTexts } from './cut-texts.ts';
import type { Context, Fill } from './engine.ts';
import { decodeLine } from './escape.ts';
import type { Scope } from './helpers/helper.ts';
import { isBlank } from './inlines.ts';
import { lastResort } from './last-resort.ts';
import type { Templates } from './load-templates.ts';
import { parseBody, parseLine } from './markdown.ts';
import type { Field, Inline, Message } from './message.ts';
import { allowing } from './origins.ts';
import type { Template } from './template.ts';

export interface RenderContext {
  /** Unix milliseconds; null for a message that is compared, not shown: it names times exactly, whenever it is rendered. */
  readonly now: number | null;
  readonly room: { readonly name: string; readonly platform: PlatformName; readonly timeZone: string };
}

export interface Rendered {
  readonly message: Message;
  /** The error of the template; the message is then that of `default.hbs`, or the last resort. */
  readonly failure: Error | null;
  /** The parts of the context on which the message depends besides the event. */
  readonly uses: Uses;
}

/** The parts of a context that a template read. Other values in the rest would give the same message. */
export interface Uses {
  readonly now: boolean;
  readonly timeZone: boolean;
  /** True if it read the room's name or platform. */
  readonly room: boolean;
}

export interface Renderer {
  /**
   * Renders an event. `template` null: the template of the model (`post` for posts) if there is one, otherwise
   * `default`. `known`: further values for the template. Never throws.
   */
  render(event: Event, template: string | null, context: RenderContext, known?: Context): Rendered;
  /**
   * Returns true if the template of an event uses a name of the context: `post`. If that template fails, the default
   * one has to do without it: most rooms then cost no query.
   */
  reads(event: Event, template: string | null, name: string): boolean;
}

export function createRenderer(templates: Templates, links: SourceLinks): Renderer {
  return {
    render(event, name, context, known = {}) {
      let failure: Error | null = null;
      const uses = { now: false, timeZone: false, room: false };
      for (const candidate of candidates(templates, event, name)) {
        try {
          if (candidate instanceof Error) throw candidate;
          return { message: fill(candidate, { event, context, known, links }, uses), failure, uses };
        } catch (error) {
          failure ??= error instanceof Error ? error : new Error('a template threw no error', { cause: error });
        }
      }
      return {
        message: lastResort(event, links.pageOf(event)),
        failure: failure ?? new Error('the template "default" does not exist'),
        uses,
      };
    },
    reads(event, template, name) {
      const first = templates.get(template ?? underscore(event.class)) ?? templates.get('default');
      return first?.namesUsed.has(name) === true;
    },
  };
}

/** Yields the templates to try, in order; first an error if the requested one does not exist. */
function* candidates(templates: Templates, event: Event, name: string | null): Generator<Template | Error> {
  const wanted = name ?? underscore(event.class);
  const first = templates.get(wanted);
  if (first !== undefined) yield first;
  else if (name !== null) yield new Error(`the template "${name}" does not exist`);
  const fallback = templates.get('default');
  if (fallback !== undefined && fallback !== first) yield fallback;
}

type Noted = { -readonly [K in keyof Uses]: Uses[K] };

function contextOf(event: Event, link: string | null, { room }: RenderContext, known: Context, uses: Noted): Context {
  return {
    ...(cutTexts(known as EventObject) as Context),
    event: {
      type: event.type,
      class: event.class,
      model: event.model,
      happened_at: isoOf(shownTime(event)),
      received_at: isoOf(event.receivedAt),
      backfilled: event.origin === 'backfilled',
      url: link,
    },
    object: cutTexts(event.object),
    subject: event.subject,
    get room() {
      uses.room = true;
      uses.timeZone = true;
      return { name: room.name, platform: room.platform, timezone: room.timeZone };
    },
  };
}

/** Returns when an event happened, Unix milliseconds; null if that is unknown. The row of a destroy has an older time. */
function shownTime(event: Event): number | null {
  if (event.type === 'destroy') return event.receivedAt;
  return happenedAt(event) ?? (event.origin === 'backfilled' ? null : event.receivedAt);
}

const isoOf = (unixMs: number | null) => (unixMs === null ? null : new Date(unixMs).toISOString());

function scopeOf({ now, room }: RenderContext, uses: Noted): Scope {
  return {
    get now() {
      uses.now = true;
      return now;
    },
    get timeZone() {
      uses.timeZone = true;
      return room.timeZone;
    },
  };
}

interface Filling {
  readonly event: Event;
  readonly context: RenderContext;
  readonly known: Context;
  readonly links: SourceLinks;
}

function fill(template: Template, { event, context, known, links }: Filling, uses: Noted): Message {
  const link = links.pageOf(event);
  const values = contextOf(event, link, context, known, uses);
  const scope = scopeOf(context, uses);
  const { parts } = template;
  const allow = allowing(links.isTrusted, template.origins);

  const line = (part: Fill | undefined): readonly Inline[] | null => {
    const inlines = part === undefined ? [] : parseLine(part(values, scope), allow);
    return inlines.every(isBlank) ? null : inlines;
  };
  const text = (part: Fill | undefined) => (part === undefined ? '' : decodeLine(part(values, scope)).trim());
  const url = (part: Fill | undefined) => allow(text(part));
  const color = text(parts.color);
  const fields = template.fields.flatMap((field): Field[] => {
    const [name, value] = [line(field.name), line(field.value)];
    return value === null ? [] : [{ name: name ?? [], value, inline: field.inline }];
  });

  return {
    title: line(parts.title),
    url: parts.url === undefined ? link : url(parts.url),
    color: /^#[\da-f]{6}$/i.test(color) ? color.toLowerCase() : null,
    body: parseBody(template.body(values, scope), allow),
    fields,
    footer: line(parts.footer),
    image: url(parts.image),
    link,
  };
}
