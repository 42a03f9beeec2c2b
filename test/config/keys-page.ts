import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platforms } from '../../src/adapters/platforms.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';

/** The parts of JSON Schema that zod writes for a configuration. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** One key of the configuration. */
export interface Key {
  /** `source.backfill.max_age`; `<name>` stands for any name, `[]` for an item of a list. */
  readonly path: string;
  /** The kind of value, with its unit and bounds. */
  readonly value: string;
  /** As text; null: the key is required, or has no default. */
  readonly byDefault: string | null;
  readonly isRequired: boolean;
  readonly description: string;
}

/** Defaults that the schema does not say. */
const otherDefaults: Readonly<Record<string, string>> = {
  'rooms.<name>.commands.users': 'none',
  'subscriptions[].details': 'site, reasons, feedbacks, flags, if source.api is set',
};

/** Descriptions of keys that hold others, for which the schema has none. */
const otherDescriptions: Readonly<Record<string, string>> = {
  source: 'Where events come from.',
  chats: 'The chats that Lookout has an account in. The terminal is always there.',
  'chats.discord': 'A Discord bot.',
  'chats.matrix': 'A Matrix account.',
  'rooms.<name>': 'The address of a room, or the keys below.',
  'rooms.<name>.commands': 'Who may change the room by commands, beside those whom the chat lets.',
  hub: 'The server that `lookout hub -c <file>` runs.',
};

/** The table of keys in `docs/configuration.md`: a section for each key at the top. */
export function keysPage(): string {
  const sections = [...Map.groupBy(allKeys(), ({ path }) => path.split(/[.[]/)[0] ?? '')].map(([name, below]) => {
    const rows = below.map(
      ({ path, value, byDefault, isRequired, description }) =>
        `| \`${path}\` | ${value} | ${isRequired ? '*required*' : plain(byDefault ?? '')} | ${plain(description)} |`,
    );
    return [`### ${name}`, '', '| key | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
  });
  return sections.join('\n\n');
}

/** Text in a cell: no HTML and no end of the cell in it. */
const plain = (text: string) => text.replaceAll(/[|<]/g, '\\$&');

let keys: readonly Key[] | null = null;

/** Every key that there is, in the order of the schema. */
export function allKeys(): readonly Key[] {
  keys ??= keysBelow('', jsonSchemaOf(configKeys(platforms)) as Schema);
  return keys;
}

function keysBelow(above: string, schema: Schema): readonly Key[] {
  return branchesOf(schema).flatMap(({ properties, required, additionalProperties, items }) => [
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) =>
      withThoseBelow(above === '' ? name : `${above}.${name}`, inner, required?.includes(name) === true),
    ),
    ...(additionalProperties ? withThoseBelow(`${above}.<name>`, additionalProperties, false) : []),
    ...(items?.properties ? keysBelow(`${above}[]`, items) : []),
  ]);
}

function withThoseBelow(path: string, schema: Schema, isRequired: boolean): readonly Key[] {
  const said = schema.description ?? '';
  const [, description = said, byDefault = null] = /^(.*?)\s*Default: (.*)\.$/.exec(said) ?? [];
  const key: Key = {
    path,
    value: valueText(path, schema),
    byDefault: otherDefaults[path] ?? byDefault,
    isRequired,
    description: otherDescriptions[path] ?? description,
  };
  return [key, ...keysBelow(path, schema)];
}

function valueText(path: string, schema: Schema): string {
  const kinds = branchesOf(schema).flatMap((branch) => kindOf(path, branch) ?? []);
  return [...new Set(kinds)].join(' or ');
}

/** A schema, or all that it may be. */
function branchesOf(schema: Schema): readonly Schema[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(branchesOf);
  return Array.isArray(schema.type) ? schema.type.map((type: string) => ({ ...schema, type })) : [schema];
}

function kindOf(path: string, schema: Schema): string | null {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(' or ');
  switch (schema.type) {
    case 'string': {
      const { unit, bounds } = boundsOf(path, '0s');
      return unit === '' ? 'text' : `${unit}, ${bounds}`;
    }
    case 'integer':
    case 'number': {
      const { bounds } = boundsOf(path, -1_000_000_000);
      return bounds === '' ? 'whole number' : `whole number, ${bounds}`;
    }
    case 'boolean':
      return 'true or false';
    case 'array':
      return schema.items?.properties === undefined ? 'list of texts' : 'list';
    case 'object':
      return 'keys';
    default:
      return null;
  }
}

/** The unit and the bounds that an error names for a value beyond them; empty if there are none. */
function boundsOf(path: string, value: string | number): { readonly unit: string; readonly bounds: string } {
  for (const { right } of problemsOf(configWith(path, value))) {
    const [, units, bounds] = /^write a number (?:and a unit \((.*)\), )?from (\S+ to .*)$/.exec(right) ?? [];
    if (bounds === undefined) continue;
    return { unit: units === undefined ? '' : units.startsWith('s,') ? 'duration' : 'size', bounds };
  }
  return { unit: '', bounds: '' };
}

function problemsOf(config: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-keys-'));
  try {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, JSON.stringify(config));
    return loadConfig(file, {}, platforms).problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A configuration in which one key has a value and nothing else is wrong. */
function configWith(path: string, value: string | number): unknown {
  const config: Record<string, unknown> = {
    source: { url: 'demo' },
    store: { url: 'memory' },
    rooms: { name: { to: 'console:name' } },
    subscriptions: [{ events: 'posts#create', rooms: 'name' }],
  };
  const steps = path.replaceAll('<name>', 'name').replaceAll('[]', '.0').split('.');
  let at = config;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  at[steps.at(-1) ?? ''] = value;
  return config;
}
