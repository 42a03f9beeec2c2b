/** Returns a count with its noun: `1 post`, `2 posts`. `many`: the plural, if it is not the singular with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
