import type { Block, Field, Inline } from '../../../render/message.ts';

/** Fields as one paragraph: `name: value`, those that may share a line on one line. */
export function fieldsAsLines(fields: readonly Field[]): readonly Block[] {
  const children = fields.flatMap((field, index): readonly Inline[] => {
    const before = fields[index - 1];
    const separator: readonly Inline[] =
      before === undefined ? [] : [before.inline && field.inline ? { kind: 'text', text: ' · ' } : { kind: 'break' }];
    const name: readonly Inline[] = isBlank(field.name)
      ? []
      : [
          { kind: 'strong', children: field.name },
          { kind: 'text', text: ': ' },
        ];
    return [...separator, ...name, ...field.value];
  });
  return children.length === 0 ? [] : [{ kind: 'paragraph', children }];
}

/** Returns true if nothing of it can be seen. Without recursion, since trees may be deep. */
export function isBlank(inlines: readonly Inline[]): boolean {
  const left = [...inlines];
  for (let inline = left.pop(); inline !== undefined; inline = left.pop()) {
    if ('text' in inline && inline.text.trim() !== '') return false;
    if ('children' in inline) for (const child of inline.children) left.push(child);
  }
  return true;
}
