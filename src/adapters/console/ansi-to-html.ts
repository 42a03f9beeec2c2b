/** The styles that graphic renditions have switched on. */
type Pen = ReadonlyMap<Property, string>;
type Property = 'weight' | 'dim' | 'slant' | 'underline' | 'strike' | 'color' | 'ground';

const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** The codes of ECMA-48, 8.3.117, that Node's `styleText` and pino-pretty use. */
const switches: Readonly<Record<number, readonly [property: Property, className: string | null]>> = {
  1: ['weight', 'bold'],
  2: ['dim', 'dim'],
  3: ['slant', 'italic'],
  4: ['underline', 'underline'],
  9: ['strike', 'strike'],
  23: ['slant', null],
  24: ['underline', null],
  29: ['strike', null],
  39: ['color', null],
  49: ['ground', null],
  ...Object.fromEntries(
    colors.flatMap((name, index) => [
      [30 + index, ['color', name]],
      [90 + index, ['color', `bright-${name}`]],
      [40 + index, ['ground', `on-${name}`]],
      [100 + index, ['ground', `on-bright-${name}`]],
    ]),
  ),
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const rendition = /\u001b\[([\d;]*)m/;

/**
 * Converts the output on a terminal to HTML: one `<div>` per line, a `<span>` for each piece in one style, with classes
 * such as `bold`, `bright-red`, `on-blue`. Bars and characters of two columns get separate elements (`bar`, `rule`,
 * `wide`), because a terminal makes them fill their cells and a font does not.
 *
 * @throws Error at any control character that is neither a line break nor one of our graphic renditions: a picture
 * cannot show its effect on a terminal.
 */
export function ansiToHtml(screen: string): string {
  let pen: Pen = new Map();
  const lines: string[] = [];
  for (const line of screen.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')) {
    let html = '';
    // Split by a pattern with a group: texts at even indexes, the codes between them at odd ones.
    for (const [index, part] of line.split(rendition).entries()) {
      if (index % 2 === 1) for (const code of part.split(';')) pen = turn(pen, Number(code));
      else if (part !== '') html += piece(part, pen);
    }
    lines.push(`<div>${html || '&nbsp;'}</div>`);
  }
  return lines.join('');
}

function turn(pen: Pen, code: number): Pen {
  if (code === 0) return new Map();
  const next = new Map(pen);
  if (code === 22) {
    next.delete('weight');
    next.delete('dim');
    return next;
  }
  const [property, className] = switches[code] ?? [];
  if (property === undefined || className === undefined) throw new Error(`the terminal got SGR ${code}`);
  if (className === null) next.delete(property);
  else next.set(property, className);
  return next;
}

function piece(text: string, pen: Pen): string {
  const control = /[\p{Cc}\p{Zl}\p{Zp}]/u.exec(text)?.[0];
  if (control !== undefined) throw new Error(`the terminal got U+${control.codePointAt(0)?.toString(16)}`);
  const html = text.replace(/[&<>"▌│]|\p{Emoji_Presentation}/gu, (found) => special[found] ?? cell('wide', found));
  return pen.size === 0 ? html : `<span class="${[...pen.values()].join(' ')}">${html}</span>`;
}

const cell = (className: string, content: string) => `<span class="${className}">${content}</span>`;

const special: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '▌': cell('bar', ''),
  '│': cell('rule', ''),
};
