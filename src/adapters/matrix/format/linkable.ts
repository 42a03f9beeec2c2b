import { find } from 'linkifyjs';

/** A part of a text, in UTF-16 units: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Text that some client turns into a link or a mention by itself. linkifyjs (which Element uses) knows schemes,
 * e-mail addresses and bare domains; these know the rest, rather too much than too little.
 */
const patterns: readonly RegExp[] = [
  /\/\/[^\s/]/, // any scheme, also one that linkifyjs does not know (mxc://), or none (//[::1])
  /www\./i,
  // Schemes without slashes that clients link (Element's list of permitted schemes, and matrix:).
  /(?<![\p{L}\p{N}])(?:bitcoin|data|facetime|file|geo|im|ircs?|javascript|magnet|mailto|matrix|mms|mxc|news|openpgp4fpr|sips?|skype|sms|ssh|steam|tel|tg|urn|webcal|wtai|xmpp):/iu,
  /[!$][A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/, // room ids from room version 12 on, and event ids, have no server
  /@(?:room|here|everyone|channel)(?![\p{L}\p{N}_])/iu, // @room; the others ping in rooms that are bridged elsewhere
  /[^\s@]@[^\s@]+[.．。｡][^\s@]/, // e-mail, also with a dot that a name server takes for one
  /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/, // Android links bare IPv4 addresses
  /[^\s.．。｡][．。｡][a-z]{2,}/i, // a domain with one of the other full stops
  /[^\s.]\.(?:web|xn--)/i, // linkify-it takes these for top-level domains, linkifyjs does not
];

/** None of the patterns, and nothing that linkifyjs finds, does without one of these. */
const mayBeLinkable = /[.:@#$!．。｡]|\/\/|localhost/i;

/**
 * The parts of a text that a client would make into links or mentions. A part reaches to the white space around it,
 * less the brackets and punctuation there: no link crosses white space, so the rest holds none either.
 */
export function findLinkable(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(/\S+/gu)) {
    const word = match[0];
    if (!mayBeLinkable.test(word) || !isLinkable(word)) continue;
    const before = /^[([{<"'«“‘]*/u.exec(word)?.[0].length ?? 0;
    const after = /[)\]}>"'».,;:!?…”’]*$/u.exec(word.slice(before))?.[0].length ?? 0;
    if (before + after < word.length) spans.push({ from: match.index + before, to: match.index + word.length - after });
  }
  return spans;
}

function isLinkable(word: string): boolean {
  return (
    holdsMatrixId(word) || patterns.some((pattern) => pattern.test(word)) || find(word).length > 0 || holdsDomain(word)
  );
}

/** A top-level domain behind anything: linkify-it takes nearly every character for a part of a domain, ␤ and backticks too. */
function holdsDomain(word: string): boolean {
  for (const [, name] of word.matchAll(/[^\s.]\.([\p{L}\p{N}]{2,24})/gu)) if (find(`a.${name}`).length > 0) return true;
  return false;
}

/** A user, a room alias or a room id: sigil, local part, colon, server. As a pattern this takes quadratic time. */
function holdsMatrixId(word: string): boolean {
  const sigil = word.search(/[@#!]/);
  const colon = sigil < 0 ? -1 : word.indexOf(':', sigil);
  return colon >= 0 && colon < word.length - 1;
}
