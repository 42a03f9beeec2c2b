import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import type { Role } from '../../src/words.ts';

/** metasmoke's models. */
export const catalogue = createCatalogue();

/** Returns the role of a model; null: it has none. */
export function roleOf(model: string): Role | null {
  return catalogue.model(model)?.role ?? null;
}
