import { styles } from './runs.ts';

/** Whether backticks hold `text` and no formatting around it ends inside: its delimiters are looked for before code is. */
export function isCode(text: string, style: number): boolean {
  if (text.trim() === '' || /``|^`|`$/.test(text)) return false;
  if ((style & styles.spoiler) !== 0 && text.includes('||')) return false;
  if ((style & styles.del) !== 0 && text.includes('~~')) return false;
  return (style & (styles.strong | styles.em)) === 0 || !text.includes('*');
}
