import { links } from '../../src/metasmoke/links.ts';
import type { Block, Field, Inline, Message } from '../../src/render/message.ts';
import { createRenderer, type Rendered } from '../../src/render/renderer.ts';
import { compileTemplate, type Template } from '../../src/render/template.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { roleOf } from '../support/the-catalogue.ts';

/** 2026-01-02T03:04:05Z, Unix milliseconds. */
export const now = Date.UTC(2026, 0, 2, 3, 4, 5);

export const context = {
  now,
  room: { name: 'smoke', platform: 'console', timeZone: 'Europe/Berlin' },
} as const;

export function eventOf(object: EventObject, more: Partial<Event> = {}): Event {
  return {
    source: 'metasmoke',
    model: 'posts',
    class: 'Post',
    role: roleOf(more.model ?? 'posts'),
    type: 'create',
    rowId: '123',
    subject: 'post:123',
    updatedAt: null,
    receivedAt: now,
    origin: 'live',
    object,
    ...more,
  };
}

/** Compiles the template of this text; throws its problems. */
export function template(text: string, name = 'post'): Template {
  const result = compileTemplate(name, `${name}.hbs`, text);
  if (result.outcome === 'ok') return result.template;
  throw new Error(
    result.problems.map(({ line, column, wrong, right }) => `${line}:${column}: ${wrong}: ${right}`).join('\n'),
  );
}

/** Renders an event with these templates and no others. */
export function render(templates: readonly Template[], event: Event, name: string | null = null): Rendered {
  const byName = new Map(templates.map((one) => [one.name, one]));
  return createRenderer({ get: (key) => byName.get(key), names: [...byName.keys()] }, links).render(
    event,
    name,
    context,
  );
}

/** The templates that `fill` compiled; a property fills the same one hundreds of times. */
const compiled = new Map<string, Template>();

/** Renders a template's text; fails if the template fails. */
export function fill(text: string, object: EventObject, more: Partial<Event> = {}): Message {
  const known = compiled.get(text) ?? template(text);
  compiled.set(text, known);
  const { message, failure } = render([known], eventOf(object, more));
  if (failure !== null) throw failure;
  return message;
}

/** Returns the body's paragraphs as Markdown: `**a** [b](url)`, one item per line. */
export function written(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((block): readonly string[] => {
    switch (block.kind) {
      case 'paragraph':
        return line(block.children).split('\n');
      case 'heading':
        return [`${'#'.repeat(block.level)} ${line(block.children)}`];
      case 'quote':
        return written(block.children).map((text) => `> ${text}`);
      case 'list':
        return block.items.flatMap((item) => written(item).map((text) => `- ${text}`));
      case 'codeBlock':
        return ['```', ...block.text.split('\n'), '```'];
      case 'rule':
        return ['---'];
      default:
        return block satisfies never;
    }
  });
}

const signs = { strong: '**', em: '_', del: '~~', spoiler: '||' } as const;

export function line(inlines: readonly Inline[] | null): string {
  return (inlines ?? [])
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
          return inline.text;
        case 'code':
          return `\`${inline.text}\``;
        case 'break':
          return '\n';
        case 'link':
          return `[${line(inline.children)}](${inline.url})`;
        case 'command':
        case 'person':
        case 'time':
          return inline.text;
        default:
          return `${signs[inline.kind]}${line(inline.children)}${signs[inline.kind]}`;
      }
    })
    .join('');
}

/** Returns the text of a body of one line. */
export function text(source: string, object: EventObject = {}): string {
  return written(fill(source, object).body).join('\n');
}

export interface Walked {
  readonly urls: readonly string[];
  readonly texts: readonly string[];
  readonly depth: number;
}

/** Returns every address and every text of a message, and the depth of its tree. */
export function walk(message: Message): Walked {
  const urls = [message.url, message.image, message.link].filter((url) => url !== null);
  const texts: string[] = [];
  let deepest = 0;
  function visit(node: Block | Inline | Field | readonly unknown[], depth: number): void {
    deepest = Math.max(deepest, depth);
    if (Array.isArray(node)) {
      for (const child of node) visit(child, depth);
      return;
    }
    const { url, text, children, items, name, value } = node as Record<string, unknown>;
    if (typeof url === 'string') urls.push(url);
    if (typeof text === 'string') texts.push(text);
    for (const part of [children, items, name, value]) if (Array.isArray(part)) visit(part, depth + 1);
  }
  visit([message.title ?? [], message.body, message.fields, message.footer ?? []], 0);
  return { urls, texts, depth: deepest };
}
