import { createPlacedText, type Line, type PlacedText, type PlacedTextBuilder, splitLines } from './placed-text.ts';

/** The used part of the parser's `BlockScalar` token. */
export interface BlockScalarToken {
  readonly type: 'block-scalar';
  readonly offset: number;
  /** Indentation of the collection that contains it. */
  readonly indent: number;
  /** The header (`|-`, `>2`) and the text after it up to the line break. */
  readonly props: readonly { readonly source?: unknown }[];
  readonly source: string;
}

interface BlockLine extends Line {
  /** Number of spaces at its beginning. */
  readonly indent: number;
  readonly isBlank: boolean;
}

/** Decodes `|` and `>` (https://yaml.org/spec/1.2.2/#81-block-scalar-styles) with the place of each character. */
export function placeBlockScalar(token: BlockScalarToken): PlacedText {
  const sources = token.props.map((prop) => (typeof prop.source === 'string' ? prop.source : ''));
  const header = sources[0] ?? '|';
  const keepsEnd = header.includes('+');
  const start = token.offset + sources.join('').length;
  const lines = splitLines(token.source, start).map((line): BlockLine => {
    const indent = line.text.length - line.text.replace(/^ +/, '').length;
    return { ...line, indent, isBlank: indent === line.text.length };
  });
  const builder = createPlacedText();
  const first = lines.findIndex((line) => !line.isBlank);
  if (first === -1) {
    if (keepsEnd) builder.stand('\n'.repeat(Math.max(1, lines.length - 1)), start);
    return builder.end(start);
  }
  const explicit = Number(/[1-9]/.exec(header)?.[0] ?? 0);
  const indent = explicit > 0 ? token.indent + explicit : lines[first]!.indent;
  const past = pastContent(lines, indent);

  for (const line of lines.slice(0, first)) {
    builder.copy(line.text.slice(indent), line.offset + indent);
    builder.stand('\n', line.end);
  }
  const content = lines.slice(first, past);
  if (header.startsWith('>')) foldBlock(content, indent, builder);
  else joinLiteral(content, indent, builder);

  const end = lines[past - 1]!.end;
  if (keepsEnd) {
    for (let i = past; i < lines.length; i++) {
      builder.stand('\n', lines[i - 1]!.end);
      builder.copy(lines[i]!.text.slice(indent), lines[i]!.offset + indent);
    }
    if (past === lines.length) builder.stand('\n', end);
  } else if (!header.includes('-')) {
    builder.stand('\n', end);
  }
  return builder.end(end);
}

/**
 * Returns the first line that chomping considers: after the last one with content, or with spaces beyond the
 * indentation.
 */
function pastContent(lines: readonly BlockLine[], indent: number): number {
  return lines.findLastIndex((line) => !line.isBlank || line.indent > indent) + 1;
}

function joinLiteral(lines: readonly BlockLine[], indent: number, builder: PlacedTextBuilder): void {
  for (const [index, line] of lines.entries()) {
    if (index > 0) builder.stand('\n', lines[index - 1]!.end);
    builder.copy(line.text.slice(indent), line.offset + indent);
  }
}

/** Folds line breaks: one between two lines becomes a space, further ones stay; around more indented lines all stay. */
function foldBlock(lines: readonly BlockLine[], indent: number, builder: PlacedTextBuilder): void {
  let separator = '';
  let separatorOffset = 0;
  let wasMoreIndented = false;
  for (const line of lines) {
    const text = line.text.slice(indent);
    const isMoreIndented = line.indent > indent || text.startsWith('\t');
    if (isMoreIndented) {
      if (separator === ' ') separator = '\n';
      else if (!wasMoreIndented && separator === '\n') separator = '\n\n';
    } else if (text === '') {
      if (separator === '\n') builder.stand('\n', separatorOffset);
      else separator = '\n';
      continue;
    }
    builder.stand(separator, separatorOffset);
    builder.copy(text, line.offset + indent);
    separator = isMoreIndented ? '\n' : ' ';
    separatorOffset = line.end;
    wasMoreIndented = isMoreIndented;
  }
}
