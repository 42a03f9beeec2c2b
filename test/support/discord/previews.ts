/** https://docs.discord.com/developers/resources/message#message-object-message-flags */
export const suppressEmbeds = 1 << 2;

/**
 * Blanks out code, in which nothing unfurls: fences, then runs of backticks closed by a run of the same length. An
 * escaped backtick does not count.
 */
function withoutCode(content: string): string {
  let rest = content;
  let kept = '';
  while (rest !== '') {
    const code = /^```[\s\S]*?```/.exec(rest) ?? /^(`+)(?!`)[\s\S]*?[^`]\1(?!`)/.exec(rest);
    const step = code?.[0] ?? /^\\[\s\S]/.exec(rest)?.[0] ?? rest.slice(0, 1);
    kept += code ? ' '.repeat(step.length) : step;
    rest = rest.slice(step.length);
  }
  return kept;
}

/**
 * Returns the addresses of which Discord would show a preview: those in the content outside `<…>` and code, and
 * invitations even without a scheme. A masked link unfurls, too, unless its address is in `<…>`.
 * https://support.discord.com/hc/en-us/articles/206342858
 */
export function previewsOf(content: string, flags: number): readonly string[] {
  if ((flags & suppressEmbeds) !== 0 || content === '') return [];
  const open = withoutCode(content).replace(/<https?:\/\/[^\s<>]+>/gi, (kept) => ' '.repeat(kept.length));
  const found = open.matchAll(/https?:\/\/[^\s<>]+|\b(?:discord\.gg|discord(?:app)?\.com\/invite)\/[\w-]+/gi);
  return [...found].map(([address]) => address);
}
