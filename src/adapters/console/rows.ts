import type { Block, Message } from '../../render/message.ts';
import { shown } from '../../text/shown.ts';
import { address, type Span, type Style, span, toLines } from './spans.ts';

/** A line before it is wrapped. */
export interface Row {
  /** The texts before its first line, and before those that it is wrapped into. */
  readonly first: readonly Span[];
  readonly rest: readonly Span[];
  readonly spans: readonly Span[];
}

function row(spans: readonly Span[]): Row {
  return { first: [], rest: [], spans };
}

/** A message from top to bottom; what leads to metasmoke is among it. */
export function rowsOf(message: Message): readonly Row[] {
  const { title, url, body, fields, footer, image, link } = message;
  const rows: Row[] = [];
  if (title !== null) {
    const lines = toLines(title, ['bold']);
    rows.push(...lines.slice(0, -1).map(row));
    rows.push(row([...(lines.at(-1) ?? []), ...(url === null ? [] : [span(' '), address(url)])]));
  } else if (url !== null) rows.push(row([address(url)]));
  rows.push(...body.flatMap(rowsOfBlock));

  const isInline = (index: number) => fields[index]?.inline === true;
  fields.forEach(({ name, value, inline }, index) => {
    const spans = [...toLines([...name, { kind: 'text', text: ': ' }], ['dim']).flat(), ...toLines(value).flat()];
    const last = rows.at(-1);
    if (inline && isInline(index - 1) && last !== undefined) {
      rows[rows.length - 1] = row([...last.spans, span(' · ', ['dim']), ...spans]);
    } else rows.push(row(spans));
  });
  if (image !== null) rows.push(row([span('image ', ['dim']), address(image)]));
  if (footer !== null) rows.push(...toLines(footer, ['dim']).map(row));
  if (link !== null && !shows(rows, link)) rows.push(row([address(link)]));
  return rows.length === 0 ? [row([span('(no text)', ['dim'])])] : rows;
}

/** Returns true if a reader sees the address. */
export function shows(rows: readonly Row[], link: string): boolean {
  return rows.some(({ spans }) => spans.some(({ isSolid, text }) => isSolid && text === link));
}

function rowsOfBlock(block: Block): readonly Row[] {
  switch (block.kind) {
    case 'paragraph':
      return toLines(block.children).map(row);
    case 'heading':
      return toLines(block.children, ['bold', 'underline']).map(row);
    case 'quote':
      return behind(block.children.flatMap(rowsOfBlock), span('│ ', ['dim']), span('│ ', ['dim']));
    case 'list':
      return block.items.flatMap((item, index) => {
        const mark = block.ordered ? `${index + 1}. ` : '• ';
        return behind(item.flatMap(rowsOfBlock), span(mark), span(' '.repeat(mark.length)));
      });
    case 'codeBlock': {
      const styles: readonly Style[] = ['magenta'];
      const lines = shown(block.text).split('\n');
      return behind(
        lines.map((line) => row([span(line, styles)])),
        span('  '),
        span('  '),
      );
    }
    case 'rule':
      return [row([span('────────', ['dim'])])];
    default:
      return block satisfies never;
  }
}

/** The rows with something before the very first line and before all that follow. */
function behind(rows: readonly Row[], first: Span, rest: Span): readonly Row[] {
  return rows.map((inner, index) => ({
    first: [index === 0 ? first : rest, ...inner.first],
    rest: [rest, ...inner.rest],
    spans: inner.spans,
  }));
}
