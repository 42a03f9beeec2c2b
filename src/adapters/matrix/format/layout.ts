import type { Block, Field, Inline, Message } from '../../../render/message.ts';

/** The parts of a message as blocks, in the order in which they are shown. */
export interface Layout {
  readonly title: readonly Inline[];
  readonly body: readonly Block[];
  readonly fields: readonly Inline[];
  readonly footer: readonly Inline[];
}

/**
 * Title bold and linked, fields as `name: value` (those that may share a line share it), footer in italics. The colour is not
 * shown: `data-mx-color` changes text alone, the readers' backgrounds are unknown, and links do not take it. Nor is
 * an image: it would have to be uploaded to the homeserver first.
 */
export function layOut(message: Message): Layout {
  const { title, url } = message;
  const linked: readonly Inline[] =
    title === null ? [] : url === null ? title : [{ kind: 'link', url, children: title }];
  return {
    title: linked.length === 0 ? [] : [{ kind: 'strong', children: linked }],
    body: message.body,
    fields: message.fields.flatMap((field, index) => layOutField(field, message.fields[index - 1])),
    footer: message.footer === null || message.footer.length === 0 ? [] : [{ kind: 'em', children: message.footer }],
  };
}

function layOutField(field: Field, before: Field | undefined): readonly Inline[] {
  const value: readonly Inline[] = [
    { kind: 'strong', children: field.name },
    { kind: 'text', text: ': ' },
    ...field.value,
  ];
  if (before === undefined) return value;
  return [before.inline && field.inline ? { kind: 'text', text: ' · ' } : { kind: 'break' }, ...value];
}

/** One list of blocks. The title shares a paragraph with what follows it: chat clients put wide gaps between paragraphs. */
export function join({ title, body, fields, footer }: Layout): readonly Block[] {
  const paragraph = (children: readonly Inline[]): readonly Block[] =>
    children.length === 0 ? [] : [{ kind: 'paragraph', children }];
  const [first, ...rest] = body;
  const head: readonly Block[] =
    title.length > 0 && first?.kind === 'paragraph'
      ? [{ kind: 'paragraph', children: [...title, { kind: 'break' }, ...first.children] }, ...rest]
      : [...paragraph(title), ...body];
  return [...head, ...paragraph(fields), ...paragraph(footer)];
}
