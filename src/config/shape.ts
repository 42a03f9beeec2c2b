import { z } from 'zod';
import type { Key } from './key.ts';

/**
 * The shape that YAML must give for a key, from the table of keys: which keys there are and what kind of value each takes. What a
 * value means (an address, a length of time, a condition) is read afterwards, where a problem can point into the value.
 *
 * As JSON Schema it is what an editor shows: descriptions and defaults.
 */
export function shapeOf(key: Key): z.ZodType {
  const { byDefault, example } = key;
  const extra = { ...(byDefault !== null && { default: byDefault }), ...(example !== null && { examples: [example] }) };
  return kindShape(key).meta({ description: descriptionOf(key), ...extra });
}

/** What is said about a key, with its default: `How long …. Default: 30d.` */
function descriptionOf({ says, byDefault, without }: Key): string {
  const value = Array.isArray(byDefault) ? byDefault.join(', ') || 'none' : byDefault;
  const rest = value !== null ? ` Default: ${value}.` : without !== null ? ` Default: ${without}.` : '';
  return `${says}.${rest}`;
}

function kindShape({ kind }: Key): z.ZodType {
  switch (kind.is) {
    case 'text':
    case 'duration':
    case 'size':
      return z.string();
    case 'texts':
      return z.union([z.string(), z.array(z.string())]);
    case 'list of texts':
      return z.array(z.string());
    case 'flag':
      return z.boolean();
    case 'integer':
      return z.int();
    case 'port':
      return z.union([z.number(), z.string()]);
    case 'choice':
      return z.enum(kind.options as readonly [string, ...string[]]);
    case 'block': {
      const inner = Object.entries(kind.keys).map(([name, key]) => {
        const shape = shapeOf(key);
        return [name, key.isRequired ? shape : shape.optional()];
      });
      const shape = z.strictObject(Object.fromEntries(inner) as Record<string, z.ZodType>);
      const whole = kind.may.has('be a text') ? z.union([z.string(), shape]) : shape;
      return kind.may.has('be empty') ? whole.nullable() : whole;
    }
    case 'list':
      return z.array(shapeOf(kind.of)).nullable();
    case 'names':
      return z.record(z.string(), shapeOf(kind.of)).nullable();
    default:
      return kind satisfies never;
  }
}

/** The shape of a whole configuration as JSON Schema (draft 2020-12), for editors. */
export function jsonSchemaOf(config: Key): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(shapeOf(config)), title: config.says };
}
