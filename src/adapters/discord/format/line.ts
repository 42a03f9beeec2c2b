import { escapeText } from './escape.ts';
import { labelOf } from './label.ts';
import { type Link, type Run, styles } from './runs.ts';
import { settle, trim, withoutLinks } from './settle.ts';

/** The way in which a place of a message shows links. */
export interface Links {
  /**
   * `masked`: `[text](url)`, in embeds, where nothing is previewed. `quiet`: `[text](<url>)`, in content. `none`: their text alone, in
   * titles and names (discord/discord-api-docs#6088).
   */
  readonly form: 'masked' | 'quiet' | 'none';
  /** The link that is to carry the mark: the first one that is not hidden gets `marked` as its address. */
  readonly mark: { readonly url: string; readonly marked: string } | null;
}

/** The state after a text was written. */
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
  line.write(settle(links.form === 'none' ? withoutLinks(runs) : runs, written.hasLink), 0);
  return line.end();
}

type Last = 'start' | 'text' | 'code' | 'closing star' | 'other';

class Line {
  #text = '';
  /** Text that is not written yet: what follows it without a delimiter between must be looked at together with it. */
  #pending = '';
  /** The character that was written last, before `#pending`. */
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

  end(): string {
    this.#flush();
    return this.#text.trim();
  }

  #writeStyled(group: readonly Run[], level: number, delimiter: string): void {
    const { lead, inner, trail } = trim(group);
    this.#pending += lead;
    // Two runs of asterisks side by side are read as one.
    const isRefused = delimiter.startsWith('*') && this.#last === 'closing star' && this.#pending === '';
    if (inner.length === 0 || isRefused) {
      this.write(inner, level + 1);
    } else {
      this.#put(delimiter, 'start');
      this.write(inner, level + 1);
      this.#flush();
      // These two end at the first pair of their character, also behind a backslash.
      const isApart = (delimiter === '||' || delimiter === '~~') && this.#text.endsWith(delimiter.charAt(0));
      this.#put(isApart ? ` ${delimiter}` : delimiter, delimiter.startsWith('*') ? 'closing star' : 'other');
    }
    this.#pending += trail;
  }

  #writeRun(run: Run): void {
    if (run.kind === 'link') this.#writeLink(run);
    else if (run.kind === 'code') this.#writeCode(run.text);
    else if (run.kind === 'raw') this.#put(run.text, 'other');
    else this.#pending += run.text;
  }

  #writeCode(text: string): void {
    if (this.#last === 'code' && this.#pending === '') {
      // Their backticks would be read as one pair of two. White space at the end could stand beside a delimiter.
      this.#pending += text.trimEnd();
    } else {
      const fence = text.includes('`') ? '``' : '`';
      this.#put(`${fence}${text}${fence}`, 'code');
    }
  }

  #writeLink(link: Link): void {
    const url = this.#address(link);
    const address = this.#links.form === 'quiet' ? `(<${url}>)` : `(${url})`;
    const label = labelOf(link, this.#links.form);
    if (label === null) {
      this.write(link.label, 1);
      this.#pending += ' (';
      this.#put(`[link]${address}`, 'other');
      this.#pending += ')';
    } else {
      this.#put('[', 'other');
      this.write(label, 1);
      this.#put(`]${address}`, 'other');
    }
    this.#written.hasLink = true;
  }

  /** Writes Markdown of ours behind the text before it. */
  #put(markdown: string, last: Last): void {
    this.#flush();
    this.#text += markdown;
    this.#last = last;
  }

  #flush(): void {
    if (this.#pending === '') return;
    const isStart = this.#last === 'start';
    this.#text += escapeText(this.#pending, { lineStart: isStart, before: this.#text.at(-1) ?? '' });
    if (!isStart || this.#pending.trim() !== '') this.#last = 'text';
    this.#pending = '';
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
