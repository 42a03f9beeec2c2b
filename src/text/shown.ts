import { characterClass } from './character-class.ts';

/**
 * Largest number of combining marks on one base. More of them overlap the surrounding lines, and no living script needs
 * as many.
 */
const maxMarks = 8;

/** Printable ASCII and line feeds need no check. */
const harmless = /^[\n\x20-\x7e]*$/;

/** Scripts whose letters U+200C and U+200D join or separate (https://www.rfc-editor.org/rfc/rfc5892#appendix-A). */
const joinedScripts = [
  ...['Arabic', 'Syriac', 'Nko', 'Mandaic', 'Mongolian', 'Phags_Pa', 'Manichaean', 'Adlam', 'Hanifi_Rohingya'],
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala'],
  ...['Khmer', 'Myanmar', 'Tibetan', 'Balinese', 'Javanese', 'Sundanese', 'Tai_Tham', 'Brahmi', 'Grantha', 'Chakma'],
];
const joinedLetter = new RegExp(
  `^(?=[${joinedScripts.map((name) => `\\p{scx=${name}}`).join('')}])[\\p{L}\\p{M}]`,
  'u',
);

const pictograph = /^\p{Extended_Pictographic}/u;
/** Characters that may precede a joiner inside an emoji: a picture, its skin tone, or the selector that gives it colour. */
const pictographEnd = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)/u;
const emoji = /^\p{Emoji}/u;
const keycapBase = /^[\d#*]/;
const ideograph = /^\p{Ideographic}/u;
const mongolian = /^[\p{scx=Mongolian}]/u;

/**
 * England, Scotland and Wales: the only tag flags that are recommended for interchange
 * (https://www.unicode.org/reports/tr51/#def_std_emoji_tag_sequence_set).
 */
const regionFlag =
  /\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/uy;

function codeName(codePoint: number): string {
  return `⟦U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/**
 * Returns text of an event in its shown form: well-formed Unicode (a lone surrogate is U+FFFD), at most 8 combining
 * marks on a base (the rest is removed; a mark without a base gets U+25CC), and control, bidi-control, private and
 * invisible characters as `⟦U+202E⟧`. Joiners and variation selectors stay where they have an effect. Line breaks of
 * every kind become `\n`. Shown text does not change when it is processed again. Takes linear time.
 */
export function shown(text: string): string {
  return harmless.test(text) ? text : look(text.toWellFormed());
}

/** Returns the same on one line: line breaks become `␤`. */
export function shownLine(text: string): string {
  return shown(text).replaceAll('\n', '␤');
}

function look(text: string): string {
  let out = '';
  /** Everything before it is in `out`. */
  let copied = 0;
  /** The code point on which the next one is drawn or to which it is joined; -1 if there is none. */
  let previous = -1;
  let marks = 0;

  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at)!;
    const next = at + (codePoint > 0xffff ? 2 : 1);
    /** The text shown in its place; null: the character itself. */
    let instead: string | null = null;
    const kind = characterClass(codePoint);
    switch (kind) {
      case 'plain':
        marks = 0;
        if (codePoint === 0x1f3f4) {
          const end = flagEnd(text, at);
          if (end > at) {
            previous = -1;
            at = end;
            continue;
          }
        }
        previous = codePoint;
        break;
      case 'mark':
        if (previous === -1) {
          instead = `◌${String.fromCodePoint(codePoint)}`;
          marks = 1;
        } else if (marks >= maxMarks) {
          instead = '';
        } else {
          marks++;
        }
        if (instead !== '') previous = codePoint;
        break;
      case 'lineBreak':
        instead = codePoint === 0x0d && text.charCodeAt(next) === 0x0a ? '' : '\n';
        previous = -1;
        marks = 0;
        break;
      case 'joiner':
      case 'emojiSelector':
      case 'ideographSelector':
      case 'mongolianSelector': {
        // A mark that will be removed cannot be joined to.
        const isFull = marks >= maxMarks && /^\p{M}/u.test(text.slice(next, next + 2));
        if (previous !== -1 && !isFull && belongs(kind, codePoint, previous, text, next)) {
          previous = codePoint;
          break;
        }
        instead = codeName(codePoint);
        previous = 0x27e7;
        marks = 0;
        break;
      }
      case 'tag':
      case 'hidden':
        instead = codeName(codePoint);
        previous = 0x27e7;
        marks = 0;
        break;
      default:
        kind satisfies never;
    }
    if (instead !== null) {
      out += text.slice(copied, at) + instead;
      copied = next;
    }
    at = next;
  }
  return out + text.slice(copied);
}

function flagEnd(text: string, at: number): number {
  regionFlag.lastIndex = at;
  return regionFlag.test(text) ? regionFlag.lastIndex : at;
}

/** Returns true if a joiner or selector has an effect between `previous` and the character at `next`. */
function belongs(
  kind: 'joiner' | 'emojiSelector' | 'ideographSelector' | 'mongolianSelector',
  codePoint: number,
  previous: number,
  text: string,
  next: number,
): boolean {
  const before = String.fromCodePoint(previous);
  const after = text.slice(next, next + 2);
  switch (kind) {
    case 'joiner':
      if (joinedLetter.test(before) && joinedLetter.test(after)) return true;
      return codePoint === 0x200d && pictographEnd.test(before) && pictograph.test(after);
    case 'emojiSelector':
      return keycapBase.test(before) ? /^\ufe0f\u20e3/.test(text.slice(next - 1, next + 1)) : emoji.test(before);
    case 'ideographSelector':
      return ideograph.test(before);
    case 'mongolianSelector':
      return mongolian.test(before) && !/^[\u180b-\u180f]/.test(before);
    default:
      return kind satisfies never;
  }
}
