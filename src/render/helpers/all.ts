import { compareHelpers } from './compare.ts';
import type { Helper, Helpers } from './helper.ts';
import { markupHelpers } from './markup.ts';
import { numberHelpers } from './numbers.ts';
import { textHelpers } from './text.ts';
import { timeHelpers } from './time.ts';

/** A helper as it is called and described. `example` of a block is a whole template. */
type Signature = Omit<Helper, 'run'>;

/** Handlebars' own helpers except `log`, which would write to the console. */
const builtIn = {
  if: {
    usage: '#if <value>',
    gives: 'the block if the value is neither empty, false nor 0, else the part after `{{else}}`',
    example: '{{#if object.is_tp}}spam{{else}}not yet{{/if}}',
    least: 1,
    most: 1,
  },
  unless: {
    usage: '#unless <value>',
    gives: 'the block if the value is empty, false or 0',
    example: '{{#unless object.deleted_at}}still there{{/unless}}',
    least: 1,
    most: 1,
  },
  each: {
    usage: '#each <list>',
    gives: 'the block for each item of the list, which is `this`; `@index`, `@first` and `@last` tell its place',
    example: '{{#each object.tags}}[{{this}}]{{/each}}',
    least: 1,
    most: 1,
  },
  with: {
    usage: '#with <object>',
    gives: 'the block, in which the fields of the object have their bare names',
    example: '{{#with object}}{{username}}{{/with}}',
    least: 1,
    most: 1,
  },
  lookup: {
    usage: 'lookup <object> <field>',
    gives: 'a field of the object, or an item of the list, whose name is computed',
    example: 'lookup object.tags 0',
    least: 2,
    most: 2,
  },
} as const satisfies Readonly<Record<string, Signature>>;

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
