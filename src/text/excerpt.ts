/** Returns the beginning of a foreign text, for a quotation: at most `units` UTF-16 units, with `…` if there is more. No character is cut in half. */
export function excerpt(text: string, units: number): string {
  return text.length <= units ? text : `${text.slice(0, units).replace(/[\ud800-\udbff]$/, '')}…`;
}
