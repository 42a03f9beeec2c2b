import type { Event } from '../words.ts';
import type { Context } from './engine.ts';
import type { RenderContext, Rendered, Renderer } from './renderer.ts';

/** Messages of one event by one template, reused because most rooms show it in the same way. */
interface Kept {
  readonly context: RenderContext;
  readonly known: Context | undefined;
  readonly rendered: Rendered;
}

/** Time for which texts such as `3 min ago` may be reused, ms. */
const SAME_MOMENT_MS = 1_000;
/** Largest number of messages kept per event and template. */
const MOST_KEPT = 8;

/**
 * Renders an event for one room after the other, only once for rooms in which it looks the same. The messages are kept
 * as long as the event.
 */
export function renderOnce(renderer: Renderer): Pick<Renderer, 'render'> {
  const byEvent = new WeakMap<Event, Map<string, Kept[]>>();
  return {
    render(event, template, context, known) {
      const byTemplate = byEvent.get(event) ?? new Map<string, Kept[]>();
      byEvent.set(event, byTemplate);
      // No template has an empty name.
      const name = template ?? '';
      const kept = byTemplate.get(name) ?? [];
      const same = kept.find((one) => one.known === known && isSame(one, context));
      if (same !== undefined) return same.rendered;
      const rendered = renderer.render(event, template, context, known);
      byTemplate.set(name, [{ context, known, rendered }, ...kept].slice(0, MOST_KEPT));
      return rendered;
    },
  };
}

function isSame({ context, rendered: { uses } }: Kept, { now, room }: RenderContext): boolean {
  if (uses.now && !isSameMoment(now, context.now)) return false;
  if (uses.timeZone && room.timeZone !== context.room.timeZone) return false;
  return !uses.room || (room.name === context.room.name && room.platform === context.room.platform);
}

function isSameMoment(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= SAME_MOMENT_MS;
}
