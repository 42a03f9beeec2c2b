import { type Token, type TokenHandler, Tokenizer, TokenizerMode } from 'parse5';

/** Elements that begin and end on a line of their own. */
const blocks = new Set([
  ...['address', 'article', 'blockquote', 'br', 'dd', 'details', 'div', 'dl', 'dt', 'footer', 'h1', 'h2', 'h3', 'h4'],
  ...['h5', 'h6', 'header', 'hr', 'li', 'main', 'ol', 'p', 'pre', 'section', 'summary', 'table', 'tr', 'ul'],
]);

/** Elements whose content is not text for readers, with how it is read. */
const hidden: ReadonlyMap<string, (typeof TokenizerMode)[keyof typeof TokenizerMode]> = new Map([
  ['script', TokenizerMode.SCRIPT_DATA],
  ['style', TokenizerMode.RAWTEXT],
  ['iframe', TokenizerMode.RAWTEXT],
  ['noframes', TokenizerMode.RAWTEXT],
]);

/**
 * Returns the text of HTML as a reader would see it: without markup, with its line breaks, and with the address of a link
 * behind the text. A text without tags keeps its own line breaks. Takes linear time, because it builds no tree. The result is a foreign text as any other.
 */
export function htmlText(html: string): string {
  const collector = new TextCollector(/<[a-z]/i.test(html) ? ' ' : '\n');
  const tokenizer = new Tokenizer({ sourceCodeLocationInfo: false }, collector);
  collector.skip = (mode) => {
    tokenizer.state = mode;
  };
  tokenizer.write(html, true);
  return collector.text
    .split('\n')
    .map((line) => line.replaceAll(/[ \t\r\f\u00a0]+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** Collects the text of a stream of tokens. */
class TextCollector implements TokenHandler {
  readonly #lineBreak: string;
  text = '';
  skip: (mode: (typeof TokenizerMode)[keyof typeof TokenizerMode]) => void = () => {};
  /** The address of the open link, and where its text begins. */
  #link: { readonly href: string; readonly from: number } | null = null;
  /** The element whose content is left out. */
  #hiddenIn: string | null = null;

  /** `lineBreak`: what a line break of the source becomes. */
  constructor(lineBreak: string) {
    this.#lineBreak = lineBreak;
  }

  onCharacter({ chars }: Token.CharacterToken): void {
    if (this.#hiddenIn === null) this.text += chars;
  }

  onWhitespaceCharacter({ chars }: Token.CharacterToken): void {
    if (this.#hiddenIn === null) this.text += chars.replaceAll('\n', this.#lineBreak);
  }

  onNullCharacter(): void {}
  onComment(): void {}
  onDoctype(): void {}
  onEof(): void {
    this.#endLink();
  }

  onStartTag({ tagName, attrs }: Token.TagToken): void {
    if (this.#hiddenIn !== null) return;
    const mode = hidden.get(tagName);
    if (mode !== undefined) {
      this.#hiddenIn = tagName;
      this.skip(mode);
    } else if (tagName === 'a') this.#startLink(attrs);
    else if (tagName === 'img') this.text += attrs.find(({ name }) => name === 'alt')?.value ?? '';
    else this.#separate(tagName);
    if (tagName === 'li') this.text += '• ';
  }

  onEndTag({ tagName }: Token.TagToken): void {
    if (this.#hiddenIn !== null) {
      if (tagName === this.#hiddenIn) this.#hiddenIn = null;
    } else if (tagName === 'a') this.#endLink();
    else this.#separate(tagName);
  }

  #separate(tagName: string): void {
    if (blocks.has(tagName)) this.text += '\n';
    else if (tagName === 'td' || tagName === 'th') this.text += ' ';
  }

  #startLink(attrs: Token.TagToken['attrs']): void {
    this.#endLink();
    const href = attrs.find(({ name }) => name === 'href')?.value.trim() ?? '';
    if (/^(?:https?:)?\/\//i.test(href)) this.#link = { href, from: this.text.length };
  }

  #endLink(): void {
    if (this.#link === null) return;
    const { href, from } = this.#link;
    this.#link = null;
    if (!this.text.slice(from).includes(href)) this.text += ` (${href.replaceAll(/\s+/g, '')})`;
  }
}
