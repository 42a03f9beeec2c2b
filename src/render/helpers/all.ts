import { compareHelpers } from './compare.ts';
import type { Helper, Helpers } from './helper.ts';
import { markupHelpers } from './markup.ts';
import { numberHelpers } from './numbers.ts';
import { textHelpers } from './text.ts';
import { timeHelpers } from './time.ts';

type Signature = Pick<Helper, 'usage' | 'least' | 'most'>;

/** Handlebars' own helpers except `log`, which would write to the console. */
const builtIn = {
  if: { usage: '#if <value>', least: 1, most: 1 },
  unless: { usage: '#unless <value>', least: 1, most: 1 },
  each: { usage: '#each <list>', least: 1, most: 1 },
  with: { usage: '#with <object>', least: 1, most: 1 },
  lookup: { usage: 'lookup <object> <field>', least: 2, most: 2 },
} as const;

/** The helpers in `builtIn` that can only be called as blocks. */
export const blockHelpers: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with']);

/** Lookout's helpers. */
export const helpers: Helpers = Object.freeze({
  ...textHelpers,
  ...numberHelpers,
  ...timeHelpers,
  ...compareHelpers,
  ...markupHelpers,
});

/** The signature of every helper. */
export const signatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...Object.entries(builtIn),
  ...Object.entries(helpers),
]);
