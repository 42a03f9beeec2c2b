/**
 * Promise 5 of the design about the characters of a text, written again in terms of Unicode and independently of the
 * tested code: "well-formed Unicode (a lone surrogate is U+FFFD), at most 8 combining marks on a base; control,
 * bidi-control and invisible characters as ⟦U+202E⟧ (joiners inside emoji and scripts stay)".
 */

/** Control and private characters, surrogates, noncharacters. Line feeds are checked elsewhere. */
const neverSeen = /(?!\n)[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/u;

/** https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters */
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Characters without ink. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** Characters that join, or choose an appearance, inside emoji and scripts; tags, which spell flags. */
const inside =
  /\u200c|\u200d|[\ufe00-\ufe02]|\ufe0e|\ufe0f|[\u180b-\u180f]|[\u{e0100}-\u{e01ef}]|[\u{e0061}-\u{e007f}]/gu;

/** Tags outside a flag spell invisible text. */
const strayTag = /(?<![\u{1f3f4}\u{e0061}-\u{e007a}])[\u{e0061}-\u{e007a}\u{e007f}]/u;

/** A joiner or selector with nothing to join or select: at the beginning, after a blank or after another one. */
const strayJoiner = /(?:^|\s|\u200c|\u200d)(?:\u200c|\u200d|\ufe0e|\ufe0f)/u;

const pile = /[\p{M}]{9}/u;
const selectors = /[\ufe00-\ufe0f\u180b-\u180f\u{e0100}-\u{e01ef}]/gu;

/** Returns the faults of a shown text; none if it is in its shown form. */
export function wrongCharacters(text: string): readonly string[] {
  const found: string[] = [];
  if (!text.isWellFormed()) found.push('a lone surrogate');
  const look = (name: string, match: RegExpExecArray | null) => {
    if (match !== null) found.push(`${name} (U+${match[0].trim().codePointAt(0)?.toString(16).toUpperCase()})`);
  };
  look('a control character', neverSeen.exec(text));
  look('a bidi control', bidi.exec(text));
  look('an invisible character', invisible.exec(text.replace(inside, '')));
  look('a stray tag', strayTag.exec(text));
  look('a stray joiner', strayJoiner.exec(text));
  if (pile.test(text.replace(selectors, ''))) found.push('a pile of marks');
  return found;
}
