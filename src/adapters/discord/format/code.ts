import { styles } from './runs.ts';

/** Returns true if backticks hold `text` and no formatting around it ends inside: Discord looks for delimiters before code. */
export function isCode(text: string, style: number): boolean {
  if (text.trim() === '' || /``|^`|`$/.test(text)) return false;
  if ((style & styles.spoiler) !== 0 && text.includes('||')) return false;
  if ((style & styles.del) !== 0 && text.includes('~~')) return false;
  return (style & (styles.strong | styles.em)) === 0 || !text.includes('*');
}
