/** Turns an offset in a YAML scalar's value into one in the file; both in UTF-16 units. */
export type Place = (offset: number) => number;

/**
 * Where the characters of a YAML scalar's value stand in its source, found by walking through both: what the value does
 * not have (quotes, indentation, backslashes) is passed over, and what the source does not have (an escape's meaning, the
 * space of a folded line) stands where its source begins. `start` is the source's place in the file.
 */
export function placeScalar(source: string, value: string, start: number): Place {
  const isDoubleQuoted = source.startsWith('"');
  const offsets: number[] = [];
  let at = /^(?:["']|[|>][^\n]*\n)?/.exec(source)![0].length;
  for (const char of value.split('')) {
    if (isDoubleQuoted && source[at] === '\\') {
      offsets.push(start + at);
      at += escapeLength(source, at);
      continue;
    }
    if (/\s/.test(char)) {
      // A line break may stand for a space or the other way round, and indentation follows it.
      offsets.push(start + at);
      if (/\s/.test(source[at] ?? '')) at++;
      continue;
    }
    while (at < source.length && source[at] !== char) at++;
    offsets.push(start + at);
    at++;
    if (char === "'" && source[at] === "'" && source.startsWith("'")) at++;
  }
  offsets.push(start + at);
  return (offset) => offsets[Math.max(0, Math.min(offset, value.length))]!;
}

/** `\x41`, `\u0041`, `\U00000041`, a line break with its indentation, or a letter. */
function escapeLength(source: string, at: number): number {
  const [found = '\\'] = /^\\(?:x.{2}|u.{4}|U.{8}|\r?\n[ \t]*|.)/.exec(source.slice(at, at + 200)) ?? [];
  return found.length;
}
