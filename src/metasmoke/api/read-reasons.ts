import { listOf, objectOf, textOf } from '../../http/json.ts';

/** Reasons as the API lists them; null for what is no list. */
export function readReasons(list: unknown): readonly { readonly name: string; readonly weight: number }[] | null {
  if (!Array.isArray(list)) return null;
  return listOf(list).flatMap((item) => {
    const { reason_name: given, weight } = objectOf(item);
    const name = textOf(given);
    return name === null ? [] : [{ name, weight: typeof weight === 'number' ? weight : 0 }];
  });
}
