import { extensions } from '../../src/command-line/extensions.ts';
import { allKeys, type PlacedKey } from '../../src/config/all-keys.ts';
import type { Kind } from '../../src/config/key.ts';
import { configKeys } from '../../src/config/keys.ts';
import { descriptionOf } from '../../src/config/shape.ts';

/** The table of keys in `docs/configuration.md`: a section for each key at the top. */
export function keysPage(): string {
  const keys = allKeys(configKeys(extensions));
  const sections = [...Map.groupBy(keys, ({ path }) => path.split(/[.[]/)[0] ?? '')].map(([name, below]) =>
    [`### ${name}`, '', '| key | value | default | meaning |', '| --- | --- | --- | --- |', ...below.map(row)].join(
      '\n',
    ),
  );
  return sections.join('\n\n');
}

function row({ path, key }: PlacedKey): string {
  const [meaning, byDefault = ''] = descriptionOf(key);
  const cells = [valueText(key.kind), key.isRequired ? '*required*' : plain(byDefault), plain(meaning)];
  return `| \`${path}\` | ${cells.join(' | ')} |`;
}

/** Text in a cell: no HTML and no end of the cell in it. */
const plain = (text: string) => text.replaceAll(/[|<]/g, '\\$&');

/** The kind of value, with its unit and bounds. */
function valueText(kind: Kind): string {
  switch (kind.is) {
    case 'text':
      return 'text';
    case 'texts':
      return 'text or list of texts';
    case 'list of texts':
      return 'list of texts';
    case 'flag':
      return 'true or false';
    case 'port':
      return 'whole number or text';
    case 'duration':
    case 'size':
      return `${kind.is}, ${kind.from} to ${kind.to}`;
    case 'integer':
      return `whole number, ${kind.from} to ${kind.to}`;
    case 'choice':
      return kind.options.map((option) => `\`${option}\``).join(' or ');
    case 'block':
      return kind.may.has('be a text') ? 'text or keys' : 'keys';
    case 'one or more':
    case 'accounts':
      return `${valueText(kind.of.kind)}, or a list of them`;
    case 'list':
      return 'list';
    case 'names':
      return 'keys';
    default:
      return kind satisfies never;
  }
}
