import { parse } from 'yaml';
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
  // An example is written as in the file, with its quotes.
  const examples = example === null ? {} : { examples: [parse(example)] };
  const extra = { ...(byDefault !== null && { default: byDefault }), ...examples };
  const [said, inWords] = descriptionOf(key);
  const description = inWords === undefined ? said : `${said} Default: ${inWords}.`;
  return kindShape(key).meta({ description, ...extra });
}

/** The description of a key as a sentence, then its default in words; undefined: there is none. */
export function descriptionOf({ says, byDefault, without }: Key): [description: string, byDefault?: string] {
  // A word with a colon is what somebody writes: sqlite:<file>.
  const first = /^\S+:/.test(says) ? says.charAt(0) : says.charAt(0).toUpperCase();
  const value = Array.isArray(byDefault) ? byDefault.join(', ') || 'none' : byDefault;
  const text = value !== null ? String(value) : without;
  const sentence = `${first}${says.slice(1)}.`;
  return text === null ? [sentence] : [sentence, text];
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
    case 'one or more':
    case 'accounts': {
      const one = kindShape(kind.of);
      // All in one union, so that a wrong value is compared with each of its forms.
      return z.union([
        ...(one instanceof z.ZodUnion ? (one.options as z.ZodType[]) : [one]),
        z.array(shapeOf(kind.of)),
      ]);
    }
    case 'names':
      return z.record(z.string(), shapeOf(kind.of)).nullable();
    default:
      return kind satisfies never;
  }
}

/**
 * The shape of a whole configuration as JSON Schema, for editors. Draft 7 is what the YAML language server of editors knows best
 * (https://github.com/redhat-developer/yaml-language-server). A configuration that names `adapters` may have chats with
 * any keys, because the schema cannot know those of other packages.
 */
export function jsonSchemaOf(config: Key): Readonly<Record<string, unknown>> {
  const { properties = {}, ...schema } = z.toJSONSchema(shapeOf(config), { target: 'draft-7' }) as Schema;
  const { chats: strict, ...others } = properties;
  const chats = { ...strict, anyOf: strict?.anyOf?.map((one) => withMore(one)) };
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.keys(properties).map((name) => [name, name === 'chats' ? chats : others[name]]),
    ),
    if: { not: { required: ['adapters'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { chats: { propertyNames: { enum: namesIn(strict) } } } },
    title: config.says,
  };
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/** Lets an object have more keys, each with a block of settings. */
const withMore = (schema: Schema) =>
  schema.type === 'object' ? { ...schema, additionalProperties: { type: ['object', 'null'] } } : schema;

const namesIn = (schema: Schema | undefined) =>
  (schema?.anyOf ?? []).flatMap(({ properties = {} }) => Object.keys(properties));
