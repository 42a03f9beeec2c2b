/**
 * Returns true if every text in a JSON text is well-formed Unicode: databases and servers reject halves of pairs, even
 * escaped ones.
 */
export function isWellFormedJson(json: string): boolean {
  let isWellFormed = json.isWellFormed();
  JSON.parse(json, (key, value: unknown) => {
    if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) isWellFormed = false;
    return value;
  });
  return isWellFormed;
}
