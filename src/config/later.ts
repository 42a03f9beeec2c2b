/**
 * Keys that Lookout will know in a later version. Each gets its own message, since whoever writes one is right to expect
 * that it works some day, and must know that it does not today.
 */
const laterKeys: readonly (readonly [path: RegExp, what: string])[] = [[/^operators$/, 'a room for operators']];

/** What the key at `path` will be for; null where no version plans it. */
export function laterFeature(path: readonly PropertyKey[]): string | null {
  const written = path.map((step) => String(step).replaceAll('.', ' ')).join('.');
  return laterKeys.find(([pattern]) => pattern.test(written))?.[1] ?? null;
}
