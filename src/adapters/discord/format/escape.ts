/** Where a piece of text stands, for what a character means there. */
export interface Place {
  /** Nothing but white space and opening delimiters stands before it on its line. */
  readonly lineStart: boolean;
  /** The last character written before it on its line; empty if there is none. */
  readonly before: string;
}

/** Every character that may need a backslash somewhere. */
const candidates = /[\\`*_~|[<>:@#.\-/(]/g;

/**
 * Text as Discord's Markdown that shows exactly this text: backslashes where a client would see markup, a mention, a link or an emoji.
 *
 * The rules are those of Discord's clients as discord-markdown-parser and @odiffey/discord-markdown mirror them, and
 * https://discord.com/developers/docs/reference#message-formatting. A backslash before anything but letters, digits and
 * white space is taken away and the character stands for itself. `text` is one line; takes linear time.
 */
export function escapeText(text: string, { lineStart, before }: Place): string {
  const indent = /^\s*/.exec(text)![0].length;
  /** Where the markers of headings, lists, quotes and subtext are read. */
  const start = lineStart ? indent : -1;
  return text.replace(candidates, (character, at: number) =>
    needsBackslash(character, at, text, start, before) ? `\\${character}` : character,
  );
}

function needsBackslash(character: string, at: number, text: string, start: number, before: string): boolean {
  const previous = at === 0 ? before : text.charAt(at - 1);
  const next = text.charAt(at + 1);
  switch (character) {
    case '`':
    case '*':
    case '_':
    case '[':
      // Also where they seem harmless: their counterpart may stand further on, in code or in an address.
      return true;
    case '\\':
      return !/[0-9A-Za-z\s]/.test(next);
    case '~':
    case '|':
      // Alone it is nothing; at an edge one of our own delimiters may stand beside it.
      return previous === character || next === character || at === 0 || next === '';
    case '<':
      // Nothing that a later `>` closes has a space here; but at the end of a line none stays.
      return next !== ' ' || text.slice(at + 1, at + 40).trim() === '';
    case '(':
      // One of our own links may stand before, and may end here: labels are read without regard to backslashes.
      return previous === ']';
    case ':':
      return next === '/' || startsShortcode(text, at);
    case '@':
      return /^(?:everyone|here)/i.test(text.slice(at + 1, at + 9));
    case '/':
      // An invitation shows its card without a scheme, too.
      return /discord(?:app)?\.(?:gg|com|gift|new|me|io|li)$/i.test(text.slice(Math.max(0, at - 16), at));
    case '.':
      return /(?:^|[^\w])www$/i.test(text.slice(Math.max(0, at - 4), at)) || endsNumberOfList(text, at, start);
    case '>':
      return at === start;
    case '#':
      return at === start && /^#{1,6}(?:\s|$)/.test(text.slice(at, at + 7));
    case '-':
      return (next === '' || /[\s#]/.test(next)) && (at === start || startsToken(text, at));
    default:
      return true;
  }
}

/** `:smile:`; two digits are no emoji but a time. */
function startsShortcode(text: string, at: number): boolean {
  const name = /^[\w+~-]{1,64}(?=:)/.exec(text.slice(at + 1, at + 66))?.[0];
  return name !== undefined && !/^\d\d$/.test(name);
}

/** `1. `, where a line begins. */
function endsNumberOfList(text: string, at: number, start: number): boolean {
  if (start < 0 || at - start > 12 || at === start) return false;
  return /^\d+$/.test(text.slice(start, at)) && /^(?:\s|$)/.test(text.slice(at + 1, at + 2));
}

/**
 * The clients' parser takes white space between two tokens for the beginning of a line (discord/discord-api-docs#6565):
 * a hyphen after such white space begins a list. Behind a letter the white space belongs to the text.
 */
function startsToken(text: string, at: number): boolean {
  const before = /\S*\s+$/u.exec(text.slice(Math.max(0, at - 8), at))?.[0];
  if (before === undefined) return at === 0;
  return !/[\p{L}0-9,;.!?'")\]}%$&=+]\s+$/u.test(before);
}
