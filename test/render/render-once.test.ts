import { describe, expect, it } from 'vitest';
import { links } from '../../src/metasmoke/links.ts';
import { renderOnce } from '../../src/render/render-once.ts';
import { createRenderer, type RenderContext } from '../../src/render/renderer.ts';
import { compileTemplate } from '../../src/render/template.ts';
import { anEvent } from '../support/events.ts';

/** Renders one event by a template for several contexts, and returns the number of different messages. */
function made(text: string, contexts: readonly RenderContext[]): number {
  const compiled = compileTemplate('post', 'post.hbs', text);
  if (compiled.outcome !== 'ok') throw new Error('not a template');
  const templates = { get: () => compiled.template, names: ['post'] };
  const { render } = renderOnce(createRenderer(templates, links));
  const event = anEvent({ id: 1 });
  return new Set(contexts.map((context) => render(event, 'post', context).message)).size;
}

const at = (now: number, name = 'a', timeZone = 'UTC'): RenderContext => ({
  now,
  room: { name, platform: 'console', timeZone },
});

describe('an event for many rooms', () => {
  it('is rendered once if its template uses only the event', () => {
    expect(made('{{object.id}} {{event.model}}', [at(0), at(0, 'b'), at(90_000, 'c', 'Europe/Berlin')])).toBe(1);
  });

  it('is rendered again with other values that the store knows', () => {
    const compiled = compileTemplate('post', 'post.hbs', '{{post.title}}');
    if (compiled.outcome !== 'ok') throw new Error('not a template');
    const { template } = compiled;
    const { render } = renderOnce(createRenderer({ get: () => template, names: ['post'] }, links));
    const event = anEvent({ id: 1 });
    const [a, b] = [{ post: { title: 'a' } }, { post: { title: 'b' } }];
    const messages = [a, a, b].map((known) => render(event, 'post', at(0), known).message);
    expect(new Set(messages).size).toBe(2);
  });

  it('is rendered for each room that its template names', () => {
    expect(made('{{object.id}} in {{room.name}}', [at(0), at(0, 'b'), at(5_000)])).toBe(2);
  });

  it('is rendered for each time zone if its template shows a time of day', () => {
    const template = '{{date event.received_at}}';
    expect(made(template, [at(0), at(0, 'b'), at(0, 'c', 'Europe/Berlin'), at(90_000, 'd', 'Europe/Berlin')])).toBe(2);
  });

  it('is rendered again after a second if its template shows an age', () => {
    expect(made('{{ago event.received_at}}', [at(0), at(900, 'b'), at(1_100), at(1_900)])).toBe(2);
  });
});
