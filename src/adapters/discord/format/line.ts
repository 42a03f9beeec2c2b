import { escapeText } from './escape.ts';
import { labelOf } from './label.ts';
import { add, type Link, type Piece, type Run, styles } from './runs.ts';

/** How a place of a message shows links. */
export interface Links {
  /**
   * `masked`: `[text](url)`, in embeds, where nothing is previewed. `quiet`: `[text](<url>)`, in content. `none`: their text alone, in
   * titles and names (discord/discord-api-docs#6088).
   */
  readonly form: 'masked' | 'quiet' | 'none';
  /** The link that is to carry the mark: the first one that is not hidden gets `marked` as its address. */
  readonly mark: { readonly url: string; readonly marked: string } | null;
}

/** What the writing of a text left behind. */
export interface Written {
  isMarked: boolean;
  /** There is a masked link. What follows must not hold `](`: the parser takes the last one there is for the end of the label. */
  hasLink: boolean;
}

const delimiters: readonly (readonly [style: number, delimiter: string])[] = [
  [styles.spoiler, '||'],
  [styles.del, '~~'],
  [styles.strong, '**'],
  [styles.em, '*'],
];

/**
 * One line of Markdown. Formatting opens and closes on the line: what stands before and behind it cannot take part in it.
 */
export function toLine(runs: readonly Run[], links: Links, written: Written): string {
  const line = new Line(links, written);
  line.write(settle(links.form === 'none' ? withoutLinks(runs) : runs, written), 0);
  return line.text.trim();
}

function withoutLinks(runs: readonly Run[]): readonly Run[] {
  const kept: Piece[] = [];
  for (const run of runs) {
    if (run.kind !== 'link') add(kept, run);
    else for (const piece of run.label) add(kept, { ...piece, style: piece.style | run.style });
  }
  return kept;
}

/** Code that no backticks can hold is text; white space at the ends of a link stands beside it. */
function settle(runs: readonly Run[], written: Written): readonly Run[] {
  const kept: Run[] = [];
  let { hasLink } = written;
  for (const run of runs) {
    if (run.kind === 'link') {
      const pieces: Piece[] = [];
      for (const piece of run.label) add(pieces, asPossible(piece, run.style, hasLink));
      const { lead, inner: label, trail } = trim(pieces);
      add(kept, { kind: 'text', text: lead, style: run.style });
      if (label.length > 0) {
        kept.push({ ...run, label });
        hasLink = true;
      }
      add(kept, { kind: 'text', text: trail, style: run.style });
    } else {
      add(kept, asPossible(run, 0, hasLink));
    }
  }
  return kept;
}

function asPossible(piece: Piece, outer: number, hasLink: boolean): Piece {
  const isKept = isCode(piece.text, piece.style | outer) && !(hasLink && piece.text.includes(ending));
  return piece.kind === 'text' || isKept ? piece : { ...piece, kind: 'text' };
}

/** Whether backticks hold `text` and no formatting around it ends inside: its delimiters are looked for before code is. */
export function isCode(text: string, style: number): boolean {
  if (text.trim() === '' || /``|^`|`$/.test(text)) return false;
  if ((style & styles.spoiler) !== 0 && text.includes('||')) return false;
  if ((style & styles.del) !== 0 && text.includes('~~')) return false;
  return (style & (styles.strong | styles.em)) === 0 || !text.includes('*');
}

/** The end of a masked link's label. */
export const ending = '](';

type Last = 'start' | 'text' | 'code' | 'closing star' | 'other';

class Line {
  text = '';
  #last: Last = 'start';
  readonly #links: Links;
  readonly #written: Written;

  constructor(links: Links, written: Written) {
    this.#links = links;
    this.#written = written;
  }

  /** Writes runs; `level` is the first of `delimiters` that has not been looked at. */
  write(runs: readonly Run[], level: number): void {
    const [style, delimiter] = delimiters[level] ?? [0, ''];
    if (delimiter === '') {
      for (const run of runs) this.#writeRun(run);
      return;
    }
    for (let from = 0; from < runs.length; ) {
      const isStyled = (runs[from]!.style & style) !== 0;
      let to = from + 1;
      while (to < runs.length && ((runs[to]!.style & style) !== 0) === isStyled) to++;
      const group = runs.slice(from, to);
      if (isStyled) this.#writeStyled(group, level, delimiter);
      else this.write(group, level + 1);
      from = to;
    }
  }

  #writeStyled(group: readonly Run[], level: number, delimiter: string): void {
    const { lead, inner, trail } = trim(group);
    this.#space(lead);
    // Two runs of asterisks side by side are read as one.
    const isPossible = inner.length > 0 && !(delimiter.startsWith('*') && this.#last === 'closing star');
    if (isPossible) {
      const [start, last] = [this.text.length, this.#last];
      this.text += delimiter;
      this.#last = 'start';
      this.write(inner, level + 1);
      if (this.text.length === start + delimiter.length) {
        // Nothing came of it.
        this.text = this.text.slice(0, start);
        this.#last = last;
      } else {
        // These two end at the first pair of their character, also behind a backslash.
        if ((delimiter === '||' || delimiter === '~~') && this.text.endsWith(delimiter.charAt(0))) this.text += ' ';
        this.text += delimiter;
        this.#last = delimiter.startsWith('*') ? 'closing star' : 'other';
      }
    } else {
      this.write(inner, level + 1);
    }
    this.#space(trail);
  }

  #space(text: string): void {
    if (text === '') return;
    this.text += text;
    if (this.#last !== 'start') this.#last = 'other';
  }

  #writeRun(run: Run): void {
    if (run.kind === 'link') this.#writeLink(run);
    else if (run.kind === 'code') this.#writeCode(run.text);
    else this.#writeText(run.text);
  }

  #writeText(text: string): void {
    this.text += escapeText(text, { lineStart: this.#last === 'start', before: this.text.at(-1) ?? '' });
    if (this.#last !== 'start' || text.trim() !== '') this.#last = 'text';
  }

  #writeCode(text: string): void {
    if (this.#last === 'code') {
      this.#writeText(text.trimEnd());
    } else {
      const fence = text.includes('`') ? '``' : '`';
      this.text += `${fence}${text}${fence}`;
      this.#last = 'code';
    }
  }

  #writeLink(link: Link): void {
    const url = this.#address(link);
    const [open, close] = this.#links.form === 'quiet' ? ['(<', '>)'] : ['(', ')'];
    const label = labelOf(link, this.#links.form);
    if (label === null) {
      this.write(link.label, 1);
      this.text += ` ([link]${open}${url}${close})`;
    } else {
      const start = this.text.length;
      this.text += '[';
      this.write(label, 1);
      if (this.text.length === start + 1) this.text = this.text.slice(0, start);
      else this.text += `]${open}${url}${close}`;
    }
    this.#last = 'other';
    this.#written.hasLink = true;
  }

  #address({ url, style }: Link): string {
    const { mark } = this.#links;
    if (mark === null || mark.url !== url || (style & styles.spoiler) !== 0 || this.#written.isMarked)
      return inLink(url);
    this.#written.isMarked = true;
    return inLink(mark.marked);
  }
}

/** An address that is nothing but an address between our own delimiters: what could close them is percent-encoded. */
export function inLink(url: string): string {
  return url.replace(
    /[\\`*|~()<>[\]"'\s]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** White space at its ends stands outside of formatting: Discord's asterisks do not open or close beside it. */
function trim<T extends Run>(
  group: readonly (T | Piece)[],
): { lead: string; inner: readonly (T | Piece)[]; trail: string } {
  const inner = [...group];
  let lead = '';
  let trail = '';
  for (let first = inner[0]; first !== undefined && first.kind === 'text'; first = inner[0]) {
    const text = first.text.trimStart();
    lead += first.text.slice(0, first.text.length - text.length);
    if (text !== '') {
      inner[0] = { ...first, text };
      break;
    }
    inner.shift();
  }
  for (let last = inner.at(-1); last !== undefined && last.kind === 'text'; last = inner.at(-1)) {
    const text = last.text.trimEnd();
    trail = last.text.slice(text.length) + trail;
    if (text !== '') {
      inner[inner.length - 1] = { ...last, text };
      break;
    }
    inner.pop();
  }
  return { lead, inner, trail };
}
