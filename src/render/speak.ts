import type { Block, Inline, Message, Spoken } from './message.ts';

/** Writes what each chat writes in its own way. */
export type Say = (spoken: Spoken) => Inline;

/** Returns a function that puts the sign of a chat before commands and writes people and times as text: `unmute m2` → `!unmute m2`. */
export const sayWith =
  (sign: string): Say =>
  (spoken) =>
    spoken.kind === 'command' ? { kind: 'code', text: sign + spoken.text } : { kind: 'text', text: spoken.text };

/** Returns a message in which `say` has written commands, people and times. */
export function speak(message: Message, say: Say): Message {
  const { title, body, fields, footer } = message;
  return {
    ...message,
    title: title === null ? null : inlines(title, say),
    body: blocks(body, say),
    fields: fields.map((field) => ({ ...field, name: inlines(field.name, say), value: inlines(field.value, say) })),
    footer: footer === null ? null : inlines(footer, say),
  };
}

function blocks(some: readonly Block[], say: Say): readonly Block[] {
  return some.map((block): Block => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return { ...block, children: inlines(block.children, say) };
      case 'quote':
        return { ...block, children: blocks(block.children, say) };
      case 'list':
        return { ...block, items: block.items.map((item) => blocks(item, say)) };
      case 'codeBlock':
      case 'rule':
        return block;
      default:
        return block satisfies never;
    }
  });
}

function inlines(some: readonly Inline[], say: Say): readonly Inline[] {
  return some.map((inline): Inline => {
    switch (inline.kind) {
      case 'command':
      case 'person':
      case 'time':
        return say(inline);
      default:
        return 'children' in inline ? { ...inline, children: inlines(inline.children, say) } : inline;
    }
  });
}
